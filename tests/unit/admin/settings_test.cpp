#include "admin/settings.hpp"

#include "settings/yaml.hpp"
#include "unit/admin/support.hpp"

namespace halcyon::admin {
namespace {

struct Outcome {
    AdminOptions options;
    std::vector<settings::Mistake> mistakes;
};

Outcome read(const std::string& text) {
    settings::Report report{.file = "test.yaml"};
    const auto root = settings::read_yaml(text, {}, report);
    REQUIRE(root);
    Outcome out;
    fields().read(settings::Section(*root, "http", report), out.options);
    out.mistakes = report.mistakes;
    return out;
}

const std::string good_token = "0123456789abcdef";

TEST_CASE("the section http is read") {
    const auto [o, mistakes] = read(R"(
listen: "0.0.0.0:8443"
tls: { certificate: /tls.crt, key: /tls.key }
tokens:
  - { name: ops, role: operator, token: 0123456789abcdef }
  - { name: eye, token: fedcba9876543210 }
cors: ["https://ops.example.com", "http://localhost:3000"]
connections: 10
websockets: 5
ready: { lag: 1m, stuck: 0s }
)");
    for (const auto& m : mistakes) UNSCOPED_INFO(m.path << " " << m.text);
    REQUIRE(mistakes.empty());
    CHECK(o.listen == "0.0.0.0:8443");
    CHECK(o.certificate == "/tls.crt");
    CHECK(o.tokens.at(0).role == Role::operator_);
    CHECK(o.tokens.at(1).role == Role::viewer);
    CHECK(o.cors.size() == 2);
    CHECK(o.connections == 10);
    CHECK(o.ready.lag == std::chrono::minutes(1));
    CHECK(o.ready.stuck.count() == 0);
}

TEST_CASE("addresses that can be listened on are taken") {
    for (const auto* listen : {"127.0.0.1:8686", "127.0.0.1:0", "'[::1]:8686'", "localhost:1", "''"})
        CHECK(read("listen: " + std::string(listen)).mistakes.empty());
}

TEST_CASE("every mistake of http is found at its place") {
    struct {
        const char* text;
        const char* path;
        const char* says;
    } const cases[]{
        {"listen: nonsense", "http.listen", "is no address with a port"},
        {"listen: '127.0.0.1'", "http.listen", "is no address with a port"},
        {"listen: ':8686'", "http.listen", "is no address with a port"},
        {"listen: '127.0.0.1:99999'", "http.listen", "is no address with a port"},
        {"listen: '127.0.0.1:x'", "http.listen", "is no address with a port"},
        {"listen: '::1:8686'", "http.listen", "is no address with a port"},
        {"listen: '[::1:8686'", "http.listen", "is no address with a port"},
        {"listen: 'a b:8686'", "http.listen", "is no address with a port"},
        {"listen: '0.0.0.0:8686'", "http.listen", "beyond loopback"},
        {"listen: '[::]:8686'", "http.listen", "beyond loopback"},
        {"listen: 'halcyon.example:8686'", "http.listen", "beyond loopback"},
        {"tls: { certificate: /a }", "http.tls", "needs both"},
        {"tls: { key: /a }", "http.tls", "needs both"},
        {"tokens: [{ role: viewer, token: 0123456789abcdef }]", "http.tokens[0].name", "is missing"},
        {"tokens: [{ name: a, role: admin, token: 0123456789abcdef }]", "http.tokens[0].role", "is no role"},
        {"tokens: [{ name: a, token: short }]", "http.tokens[0].token", "fewer than 16 characters"},
        {"tokens: [{ name: a }]", "http.tokens[0].token", "fewer than 16 characters"},
        {"tokens: [{ name: a, token: '' }]", "http.tokens[0].token", "fewer than 16 characters"},
        {"tokens: [{ name: a, token: '0123456789 abcdef' }]", "http.tokens[0].token", "no header can carry"},
        {"tokens: [{ name: a, token_file: /does/not/exist }]", "http.tokens[0].token_file",
         "/does/not/exist"},
        {"tokens: [{ name: a, token: 0123456789abcdef }, { name: a, token: 1123456789abcdef }]",
         "http.tokens[1].name", "is there twice"},
        {"tokens: [{ name: a, token: 0123456789abcdef }, { name: b, token: 0123456789abcdef }]",
         "http.tokens[1].token", "is another's too"},
        {"tokens: ops", "http.tokens", "takes a list"},
        {"cors: ['*']", "http.cors[0]", "is no origin"},
        {"cors: ['https://a.example', 'b.example']", "http.cors[1]", "is no origin"},
        {"cors: ['https://a.example/']", "http.cors[0]", "is no origin"},
        {"cors: ['https://']", "http.cors[0]", "is no origin"},
        {"cors: ['null']", "http.cors[0]", "is no origin"},
        {"connections: 0", "http.connections", "too small"},
        {"websockets: 100001", "http.websockets", "too large"},
        {"insecure: 1", "http.insecure", "true or false"},
        {"ready: { lag: 31d }", "http.ready.lag", "too large"},
        {"ready: { slow: 1s }", "http.ready.slow", "no such setting"},
        {"port: 80", "http.port", "no such setting"},
    };
    for (const auto& c : cases) {
        INFO(c.text);
        const auto mistakes = read(c.text).mistakes;
        for (const auto& m : mistakes) UNSCOPED_INFO(m.path << ": " << m.text);
        const bool found = std::any_of(mistakes.begin(), mistakes.end(), [&](const auto& m) {
            return m.path == c.path && m.text.find(c.says) != std::string::npos;
        });
        CHECK(found);
        for (const auto& m : mistakes) CHECK(m.text.find(good_token) == std::string::npos);
    }
}

TEST_CASE("beyond loopback tokens are needed, or a word that it is meant so") {
    CHECK(read("listen: '0.0.0.0:8686'\ninsecure: true").mistakes.empty());
    CHECK(read("listen: '0.0.0.0:8686'\ntokens: [{ name: a, token: 0123456789abcdef }]").mistakes.empty());
}

}  // namespace
}  // namespace halcyon::admin
