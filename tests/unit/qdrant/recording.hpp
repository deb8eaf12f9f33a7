// What a Qdrant 1.18.3 was asked and answered (tests/fixtures/qdrant-1.18.3.json).
#pragma once

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace halcyon::qdrant::recorded {

struct Row {
    std::string scenario;
    std::string method;
    std::string target;
    std::string body;  // JSON text; empty: none
    unsigned status = 0;
    std::string reply;  // the body as it came: JSON, or plain text
    bool is_write() const {
        const bool of_points = target.find("/points") != std::string::npos;
        return of_points && (method == "PUT" || target.find("wait=") != std::string::npos);
    }
};

inline std::vector<Row> rows() {
    std::ifstream file(HALCYON_SOURCE_DIR "/tests/fixtures/qdrant-1.18.3.json");
    if (!file) throw std::runtime_error("tests/fixtures/qdrant-1.18.3.json can't be read");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    // One request was no JSON: [Infinity, ..].
    if (const auto at = text.find(" Infinity,"); at != std::string::npos)
        text.replace(at + 1, 8, "\"Infinity\"");
    const auto recording = boost::json::parse(text);
    std::vector<Row> all;
    for (const auto& value : recording.at("rows").as_array()) {
        const auto& request = value.at("request").as_array();
        Row row;
        row.scenario = value.at("scenario").as_string().c_str();
        row.method = request.at(0).as_string().c_str();
        row.target = request.at(1).as_string().c_str();
        if (request.size() > 2 && !request.at(2).is_null())
            row.body = request.at(2).is_string() ? request.at(2).as_string().c_str()
                                                 : boost::json::serialize(request.at(2));
        row.status = value.at("status").to_number<unsigned>();
        const auto& reply = value.at("reply");
        const auto* plain = reply.is_object() ? reply.as_object().if_contains("text") : nullptr;
        row.reply = plain ? std::string(plain->as_string().c_str()) : boost::json::serialize(reply);
        all.push_back(std::move(row));
    }
    return all;
}

}  // namespace halcyon::qdrant::recorded
