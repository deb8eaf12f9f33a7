#include "support/certificate.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace halcyon::test {
namespace {

template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

void check(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string("certificate: ") + what);
}

Owned<std::FILE> open(const std::string& path) {
    Owned<std::FILE> file(std::fopen(path.c_str(), "w"), [](std::FILE* f) { std::fclose(f); });
    check(file != nullptr, "file");
    return file;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
    auto form = (std::filesystem::temp_directory_path() / "halcyon-XXXXXX").string();
    check(::mkdtemp(form.data()) != nullptr, "folder");
    path_ = form;
}
TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Certificate make_certificate(const TemporaryFolder& folder, const std::string& name, const std::string& names,
                             Validity validity) {
    const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const Owned<X509> x(X509_new(), X509_free);
    check(key && x, "key");
    X509_set_version(x.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x.get()), validity.from);
    X509_gmtime_adj(X509_getm_notAfter(x.get()), validity.to);
    X509_set_pubkey(x.get(), key.get());
    auto* subject = X509_get_subject_name(x.get());
    const auto* common = reinterpret_cast<const unsigned char*>(name.c_str());
    check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, common, -1, -1, 0) == 1, "name");
    X509_set_issuer_name(x.get(), subject);
    const Owned<X509_EXTENSION> alternative(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str()), X509_EXTENSION_free);
    check(alternative != nullptr && X509_add_ext(x.get(), alternative.get(), -1) == 1, "names");
    check(X509_sign(x.get(), key.get(), EVP_sha256()) > 0, "signature");
    Certificate made{folder.file(name + ".crt"), folder.file(name + ".key")};
    check(PEM_write_X509(open(made.certificate_file).get(), x.get()) == 1, "certificate file");
    check(PEM_write_PrivateKey(open(made.key_file).get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
              1,
          "key file");
    return made;
}

}  // namespace halcyon::test
