// A JSON value against a schema of the interface's description: what JSON Schema calls type, const, enum,
// required, properties, additionalProperties, items, oneOf, allOf, pattern-free bounds and $ref.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

namespace halcyon::admin {

class Schemas {
  public:
    explicit Schemas(const boost::json::value& document) : document_(document) {}

    /// What is wrong, each with its place ("$.collections[0].name: ..."). A member that the schema does not
    /// know is wrong, too.
    std::vector<std::string> mistakes(const boost::json::value& schema,
                                      const boost::json::value& value) const;
    /// Follows a $ref, if it is one. REQUIRES: it leads somewhere (std::exception).
    const boost::json::value& resolve(const boost::json::value& schema) const;

  private:
    void check(const boost::json::value& schema, const boost::json::value& value, const std::string& where,
               std::vector<std::string>& out) const;
    void check_object(const boost::json::object& schema, const boost::json::object& value,
                      const std::string& where, std::vector<std::string>& out) const;
    const boost::json::value& document_;
};

}  // namespace halcyon::admin
