// What init makes of fields: from documents to what each is good for.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "app/init/field_roles.hpp"
#include "app/init/proposal.hpp"

using namespace halcyon;
using namespace halcyon::app::init;
using Names = std::vector<std::string>;

namespace {

Document document(const std::string& json) { return Document::from_json(json).value(); }

/// One document a value.
std::vector<Document> documents(const std::string& field, const std::vector<std::string>& values) {
    std::vector<Document> out;
    for (const auto& v : values) out.push_back(document(fmt::format(R"({{"{}":{}}})", field, v)));
    return out;
}

/// "text", "payload", "payload keyword", "left out: why", "nothing"
std::string role(const std::string& field, const std::vector<std::string>& values) {
    const auto all = documents(field, values);
    const auto stats = field_stats(all);
    if (stats.empty()) return "not seen";
    const auto r = role_of(stats.at(0), all.size());
    switch (r.kind) {
        case FieldRole::Kind::text:
            return "text";
        case FieldRole::Kind::payload:
            return r.index.empty() ? "payload" : "payload " + r.index;
        case FieldRole::Kind::left_out:
            return "left out: " + r.why;
        case FieldRole::Kind::nothing:
            break;
    }
    return "nothing";
}

const std::string prose1 = R"("a chair that is made of wood, for one")";
const std::string prose2 = R"("a table that four people can sit at")";

SampledCollection sampled(const std::vector<std::string>& json) {
    SampledCollection out{{"shop", "products"}, {}};
    for (const auto& j : json) out.look.sample.push_back(document(j));
    out.look.documents = json.size();
    out.look.average_bytes = 100;
    return out;
}

}  // namespace

TEST_CASE("types decide what a field is good for in a payload") {
    CHECK(role("n", {"1", R"({"$numberLong":"2"})"}) == "payload integer");
    CHECK(role("n", {"1", "2.5"}) == "payload float");
    CHECK(role("n", {R"({"$numberDecimal":"2.5"})", "1"}) == "payload");
    CHECK(role("n", {"true", "false"}) == "payload bool");
    CHECK(role("n", {R"({"$date":"2024-01-01T00:00:00Z"})"}) == "payload datetime");
    CHECK(role("n", {R"("2024-01-01")", R"("2024-01-01T10:00:00Z")"}) == "payload datetime");
    CHECK(role("n", {R"({"$oid":"64b0000000000000000000aa"})"}) == "payload keyword");
    CHECK(role("n", {R"({"$binary":{"base64":"AAAAAAAAAAAAAAAAAAAAAA==","subType":"04"}})"}) ==
          "payload keyword");
    CHECK(role("n", {R"({"type":"Point","coordinates":[7.1,50.7]})"}) == "payload geo");
    CHECK(role("n", {R"(["red","blue"])", R"(["green"])"}) == "payload keyword");
    CHECK(role("n", {"[1,2,3]"}) == "left out: no simple values");
    CHECK(role("n", {R"({"$binary":{"base64":"AAAA","subType":"00"}})"}) == "left out: no simple values");
    CHECK(role("n", {"1", R"("one")"}) == "left out: several types");
    CHECK(role("n", {"null"}) == "not seen");
}

TEST_CASE("long and varied strings are texts, short ones are payload") {
    CHECK(role("remarks", {prose1, prose2}) == "text");
    CHECK(role("remarks", {prose1, prose1, prose1, prose1}) == "payload keyword");
    CHECK(role("status", {R"("new")", R"("old")", R"("new")", R"("old")"}) == "payload keyword");
    CHECK(role("colour", {R"("red")", R"("blue")"}) == "payload");
    CHECK(role("remarks", {R"("木製の椅子はとても快適で、大人にも子供にも人気です")",
                           R"("木製のテーブルは四人で使うのにちょうど良い大きさです")"}) == "text");
    const auto same = fmt::format(R"("{}")", std::string(40, 'a') + " " + std::string(40, 'b'));
    CHECK(role("remarks", {same, same, same, same}) == "left out: long, and much the same in all documents");
}

TEST_CASE("names that promise a text are texts when they are short, too") {
    for (const auto* name : {"title", "name", "Description", "short_description", "bodyText"})
        CHECK(role(name, {R"("a chair")", R"("a table")"}) == "text");
    CHECK(role("userName", {R"("ann")", R"("bob")"}) == "payload");
    CHECK(role("title", {R"("Dr")", R"("Dr")"}) == "payload keyword");
}

TEST_CASE("ids, URLs, hashes and codes are never texts") {
    CHECK(role("productId", {R"("chair for one person")"}) == "payload keyword");
    CHECK(role("owner", {R"("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")"}) == "payload keyword");
    CHECK(role("body", {R"("https://example.com/a?b=c")"}) == "payload");
    CHECK(role("imageUrl", {R"("/a.png")"}) == "payload");
    CHECK(role("etag", {R"("a chair")"}) == "left out: hashes and codes");
    CHECK(role("name", {R"("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0")"}) == "left out: hashes and codes");
    CHECK(role("_id", {"1"}) == "nothing");
    CHECK(role("__v", {"1"}) == "left out: internal");
}

TEST_CASE("secrets and personal data are neither text nor payload, whatever they hold") {
    for (const auto* name : {"password", "userPassword", "api_key", "accessToken", "client-secret", "SSN",
                             "ssn", "pin", "cardNumber"}) {
        INFO(name);
        CHECK(role(name, {prose1, prose2}) == "left out: may be secret");
        CHECK(role(name, {"1"}) == "left out: may be secret");
    }
    CHECK(role("credentials", {R"({"note":"a chair that is made of wood"})"}) == "left out: may be secret");
    for (const auto* name : {"email", "e_mail", "phoneNumber", "dateOfBirth"})
        CHECK(role(name, {prose1}) == "left out: personal data");
    CHECK(role("contact", {R"("ann@example.com")", R"("bob@example.com")"}) == "left out: personal data");
    CHECK(role("author", {R"("ann")"}) == "payload");
}

TEST_CASE("a key of a map is no field") {
    std::vector<Document> all;
    for (int i = 0; i < 100; ++i) all.push_back(document(fmt::format(R"({{"by":{{"k{}":{}}}}})", i, i)));
    const auto stats = field_stats(all);
    REQUIRE(stats.size() == 100);
    CHECK(role_of(stats[0], 100).why == "in few documents");
}

TEST_CASE("paths go two levels deep, and not through names that no path can say") {
    const auto stats = field_stats({document(
        R"({"a":{"b":1,"c":{"d":1}},"x.y":1,"2024":1,"$z":1,"":1,"list":[{"in":1}],"l":{"p":{"type":"Point",
                     "coordinates":[1,2]}}})")});
    Names paths;
    for (const auto& s : stats) paths.push_back(s.path);
    CHECK(paths == Names{"a.b", "list", "l.p"});
}

TEST_CASE("malformed bytes count up to their place") {
    auto bytes = std::string(document(R"({"a":1,"b":2})").bson());
    bytes[11] = 0x7e;  // the type of b
    CHECK(field_stats({Document::trusted(bytes)}).size() == 1);
}

TEST_CASE("a route has its best texts first, what comes back, and what was left out") {
    const auto r =
        propose(sampled({R"({"_id":1,"remarks":"a chair that is made of wood, for one","name":"chair",
        "price":5,"password":"x","email":"a@b.de","at":{"type":"Point","coordinates":[1,2]}})",
                         R"({"_id":2,"remarks":"a table that four people can sit at","name":"table",
        "price":7,"password":"y","email":"c@d.de","at":{"type":"Point","coordinates":[1,2]}})"}));
    CHECK(r.text == Names{"name", "remarks"});
    Names payload;
    for (const auto& p : r.payload) payload.push_back(p.field + ":" + p.index + (p.geo ? ":geo" : ""));
    CHECK(payload == Names{"remarks:", "name:", "price:integer", "at:geo:geo"});
    REQUIRE(r.left_out.size() == 2);
    CHECK(r.left_out[0] == std::pair(std::string("may be secret"), Names{"password"}));
    CHECK(r.left_out[1] == std::pair(std::string("personal data"), Names{"email"}));
    CHECK_FALSE(r.chunk);
}

TEST_CASE("chosen texts win, and the proposed ones are named") {
    const auto c = sampled({R"({"name":"chair","description":"of wood","size":"small"})",
                            R"({"name":"table","description":"of steel","size":"large"})"});
    const auto r = propose(c, Names{"size"});
    CHECK(r.text == Names{"size"});
    CHECK(r.more_text == Names{"name", "description"});
    CHECK(text_candidates(c) == Names{"name", "description", "size"});
    CHECK(propose(sampled({R"({"n":1})"})).text.empty());
}

TEST_CASE("texts are cut into chunks when many are long") {
    std::string longer;
    for (int i = 0; i < 400; ++i) longer += fmt::format("word{} ", i);
    std::vector<std::string> json{fmt::format(R"({{"body":"{}"}})", longer)};
    CHECK(propose(sampled(json)).chunk);
    for (int i = 0; i < 30; ++i) json.push_back(fmt::format(R"({{"body":"short text {}"}})", i));
    CHECK_FALSE(propose(sampled(json)).chunk);
}

TEST_CASE("many fields: the best stay, the others are named") {
    std::string json = "{";
    for (int i = 0; i < 40; ++i) json += fmt::format(R"("n{}":{},)", i, i);
    for (int i = 0; i < 9; ++i) json += fmt::format(R"("remarks{}":{},)", i, prose1);
    const auto r = propose(sampled({json + R"("end":1})"}));
    CHECK(r.text.size() == 6);
    CHECK(r.more_text == Names{"remarks6", "remarks7", "remarks8"});
    CHECK(r.payload.size() == 24);
    CHECK(r.left_out.at(0).first == "one of many");
}

TEST_CASE("documents that disagree on a field give a payload that Qdrant can hold") {
    const auto r = propose(
        sampled({R"({"name":"chair","seller":"ann"})", R"({"name":"table","seller":{"city":"Bonn"}})"}));
    Names payload;
    for (const auto& p : r.payload) payload.push_back(p.field);
    CHECK(payload == Names{"name", "seller"});
}

TEST_CASE("collections of one name in several databases get names of their own") {
    const auto named = [](std::vector<Namespace> all) {
        std::vector<RouteProposal> routes;
        for (auto& ns : all) {
            routes.emplace_back().from = ns;
        }
        name_targets(routes);
        Names out;
        for (const auto& r : routes) out.push_back(r.to);
        return out;
    };
    CHECK(named({{"shop", "products"}, {"blog", "posts"}}) == Names{"products", "posts"});
    CHECK(named({{"shop", "all"}, {"blog", "all"}}) == Names{"shop_all", "blog_all"});
    CHECK(named({{"shop", "a:b"}, {"shop", "a?c"}}) == Names{"a_b", "a_c"});
    CHECK(named({{"a", "b_c"}, {"a_b", "c"}, {"x", "c"}, {"y", "b_c"}}) ==
          Names{"a_b_c", "a_b_c_2", "x_c", "y_b_c"});
}
