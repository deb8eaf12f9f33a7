// The server's collections and aliases.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "devstack/qdrant/collection.hpp"

namespace halcyon::devstack::qdrant {

class Database {
  public:
    // All throw Refused. A name may be an alias, except where it says otherwise.
    Collection& get(const std::string& name);
    bool exists(const std::string& name) const;
    // Names only, no aliases.
    void create(const std::string& name, CollectionConfig config);
    // False where there is none of that name, an alias too. Its aliases go with it.
    bool remove(const std::string& name);
    // The body of POST /collections/aliases: all of its actions, or none.
    void change_aliases(const Json& request);

    std::string list_json() const;
    // Of one collection, or of all where the name is empty.
    std::string aliases_json(std::string_view collection = {}) const;
    static std::string info_json(const Collection& collection);

  private:
    std::map<std::string, Collection> collections_;
    std::map<std::string, std::string> aliases_;  // alias -> collection
};

}  // namespace halcyon::devstack::qdrant
