// Is a certificate's file fit to be shown, and if not, why?
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace halcyon::net {

/// Errors: {fatal, invalid} if the file can't be read, holds no certificate in PEM, or its first one (the
/// server's own) is not valid at `now`.
Result<> check_certificate(const std::string& file, WallTime now);
/// Errors: {fatal, invalid} if the file can't be read, holds no private key in PEM, or one that needs a
/// passphrase.
Result<> check_private_key(const std::string& file);

}  // namespace halcyon::net
