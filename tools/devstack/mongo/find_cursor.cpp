#include "devstack/mongo/find_cursor.hpp"

#include <algorithm>
#include <optional>

#include "devstack/mongo/keystring.hpp"
#include "devstack/mongo/pipeline.hpp"
#include "devstack/mongo/projection.hpp"
#include "devstack/mongo/server.hpp"

namespace halcyon::devstack::mongo {
namespace {

struct Shape {
    std::size_t skip = 0;
    std::size_t limit = SIZE_MAX;
    std::optional<Projection> projection;
};

// Skip, limit and projection over any source of documents.
class ShapedCursor : public Cursor {
  public:
    explicit ShapedCursor(Shape shape) : shape_(std::move(shape)) {}

  protected:
    virtual const Doc* source() = 0;

    Next next(std::string_view& document) override {
        for (; shape_.skip > 0; --shape_.skip) {
            if (source() == nullptr) return Next::closed;
        }
        if (shape_.limit == 0) return Next::closed;
        const Doc* found = source();
        if (found == nullptr) return Next::closed;
        --shape_.limit;
        document = **found;
        if (shape_.projection) {
            projected_ = shape_.projection->apply(View(document));
            document = projected_;
        }
        return Next::document;
    }
    bool finished() const override { return shape_.limit == 0; }

  private:
    Shape shape_;
    std::string projected_;
};

class ScanCursor final : public ShapedCursor {
  public:
    ScanCursor(Scan scan, Shape shape) : ShapedCursor(std::move(shape)), scan_(std::move(scan)) {}

  protected:
    const Doc* source() override {
        if (scan_.dropped()) {
            const std::string uuid = Builder().binary("u", scan_.collection().ns->uuid, 4).finish();
            throw CommandError(175, "collection dropped. UUID " + to_text(View(uuid)["u"]).substr(6, 36));
        }
        return scan_.next();
    }

  private:
    Scan scan_;
};

class ListCursor final : public ShapedCursor {
  public:
    ListCursor(std::vector<Doc> documents, Shape shape)
        : ShapedCursor(std::move(shape)), documents_(std::move(documents)) {}

  protected:
    const Doc* source() override { return at_ < documents_.size() ? &documents_[at_++] : nullptr; }

  private:
    std::vector<Doc> documents_;
    std::size_t at_ = 0;
};

// local.oplog.rs
class OplogCursor final : public ShapedCursor {
  public:
    OplogCursor(Oplog& oplog, View filter, bool backwards, Shape shape)
        : ShapedCursor(std::move(shape)),
          oplog_(oplog),
          matcher_(filter),
          backwards_(backwards),
          at_(backwards ? oplog.end() : oplog.first()) {}

  protected:
    const Doc* source() override {
        while (backwards_ ? at_ > oplog_.first() : at_ < oplog_.end()) {
            at_ = backwards_ ? at_ - 1 : std::max(at_, oplog_.first());
            document_ = std::make_shared<std::string>(oplog_.at(at_).to_bson());
            at_ += backwards_ ? 0 : 1;
            if (matcher_.everything() || matcher_.matches(View(*document_))) return &document_;
        }
        return nullptr;
    }

  private:
    Oplog& oplog_;
    Matcher matcher_;
    bool backwards_;
    std::uint64_t at_;
    Doc document_;
};

View object(const Request& request, std::string_view field) {
    const Value value = request[field];
    if (!value || value.type == Type::null) return View();
    if (!value.is_object())
        throw CommandError(9, "Failed to parse: " + std::string(field) + ": " + to_text(value) + ". '" +
                                  std::string(field) + "' field must be of BSON type object.");
    return value.as_document();
}

bool hints_id(const Value& hint) {
    if (hint.is_string()) return hint.as_string() == "_id_";
    if (!hint.is_object() || hint.as_document().empty()) return false;
    const Element first = *hint.as_document().begin();
    return first.name == "_id" && ++hint.as_document().begin() == View::Iterator();
}

std::optional<std::string> bound(const Request& request, std::string_view field) {
    const View value = object(request, field);
    if (value.empty()) return std::nullopt;
    if (!request["hint"])
        throw CommandError(
            51173, "error processing query: ns=" + request.db + "." + request.collection() +
                       "Tree: $and\nSort: {}\nProj: {}\n planner returned error :: caused by :: When using "
                       "min()/max() a hint of which index to use must be provided");
    if (!value["_id"] || !hints_id(request["hint"]))
        throw CommandError(
            51174, "error processing query: ns=" + request.db + "." + request.collection() +
                       " planner returned error :: caused by :: The index chosen is not compatible with "
                       "min/max");
    return key_of(value["_id"]);
}

void check_hint(const Value& hint, const CollectionPtr& collection) {
    if (!hint || hints_id(hint) || !collection) return;
    if (hint.is_object() && (hint.as_document().empty() || hint.as_document()["$natural"])) return;
    const bool known =
        std::any_of(collection->indexes.begin(), collection->indexes.end(), [&](const std::string& index) {
            if (hint.is_string()) return View(index)["name"].as_string() == hint.as_string();
            return View(index)["key"].bytes == hint.bytes;
        });
    if (!known)
        throw CommandError(
            2,
            "error processing query: planner returned error :: caused by :: hint provided does not "
            "correspond to an existing index");
}

}  // namespace

std::unique_ptr<Cursor> make_list_cursor(std::vector<Doc> documents) {
    return std::make_unique<ListCursor>(std::move(documents), Shape{});
}

std::unique_ptr<Cursor> make_find_cursor(Server& server, const Request& request, const std::string& name) {
    for (const char* refused : {"tailable", "awaitData", "returnKey", "showRecordId"}) {
        if (request[refused].truthy())
            throw CommandError(115,
                               std::string("halcyon-devstack does not support find's option ") + refused);
    }
    if (!object(request, "collation").empty())
        throw CommandError(115, "halcyon-devstack does not support find's option collation");
    Shape shape;
    shape.skip = static_cast<std::size_t>(std::max<std::int64_t>(0, request["skip"].as_int()));
    if (const std::int64_t limit = std::abs(request["limit"].as_int()); limit > 0)
        shape.limit = static_cast<std::size_t>(limit);
    if (const View projection = object(request, "projection"); !projection.empty())
        shape.projection.emplace(Projection::Kind::find, projection);
    const View sort = object(request, "sort");
    const View filter = object(request, "filter");
    if (request.db == "local" && name == "oplog.rs") {
        if (server.standalone()) return make_list_cursor({});
        const Value natural = sort["$natural"];
        return std::make_unique<OplogCursor>(server.oplog(), filter, natural && natural.as_int() < 0,
                                             std::move(shape));
    }
    ScanOptions options;
    options.filter = filter;
    options.min = bound(request, "min");
    options.max = bound(request, "max");
    options.by_id = hints_id(request["hint"]);
    const CollectionPtr collection = server.store().find(request.db, name);
    if (!collection) {
        const Matcher checked(filter);
        return make_list_cursor({});
    }
    check_hint(request["hint"], collection);
    const bool by_id = !sort.empty() && sort.begin()->name == "_id";
    const bool natural = !sort.empty() && sort.begin()->name == "$natural";
    options.by_id = options.by_id || by_id;
    options.backwards = (by_id || natural) && sort.begin()->value.as_int() < 0;
    Scan scan(collection, options);
    if (sort.empty() || by_id || natural)
        return std::make_unique<ScanCursor>(std::move(scan), std::move(shape));
    std::vector<Doc> documents;
    while (const Doc* document = scan.next()) documents.push_back(*document);
    sort_documents(documents, sort);
    return std::make_unique<ListCursor>(std::move(documents), std::move(shape));
}

}  // namespace halcyon::devstack::mongo
