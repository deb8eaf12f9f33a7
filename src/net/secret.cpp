#include "net/secret.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace halcyon::net {

SecretHash::SecretHash(std::string_view secret) {
    SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), bytes_.data());
}

bool SecretHash::matches(const SecretHash& other) const {
    return CRYPTO_memcmp(bytes_.data(), other.bytes_.data(), bytes_.size()) == 0;
}

}  // namespace halcyon::net
