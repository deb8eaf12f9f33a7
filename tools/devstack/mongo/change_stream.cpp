#include "devstack/mongo/change_stream.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

#include "devstack/mongo/errors.hpp"
#include "devstack/mongo/fragments.hpp"
#include "devstack/mongo/keystring.hpp"

namespace halcyon::devstack::mongo {
namespace {

bool internal(std::string_view db) { return db == "admin" || db == "config" || db == "local"; }

const char* kind_of(Op op) {
    switch (op) {
        case Op::insert:
            return "insert";
        case Op::update:
            return "update";
        case Op::replace:
            return "replace";
        case Op::remove:
            return "delete";
        case Op::drop:
            return "drop";
        case Op::rename:
            return "rename";
        case Op::drop_database:
            return "dropDatabase";
        default:
            return "";
    }
}

// The sha256 of no user, which sessions without authentication carry.
constexpr std::string_view nobody(
    "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24\x27\xae\x41\xe4\x64\x9b\x93\x4c\xa4\x95"
    "\x99\x1b\x78\x52"
    "\xb8\x55",
    32);

}  // namespace

ChangeStream::ChangeStream(Store& store, Oplog& oplog, const StreamTraits& traits, const std::string& db,
                           const std::string& name, View pipeline)
    : store_(store), oplog_(oplog), traits_(traits), db_(db), name_(name) {
    scope_ = name.empty() ? Scope::database : Scope::collection;
    bool first = true;
    Value options;
    for (const Element& item : pipeline) {
        const Element stage = stage_of(item.value);
        if (std::exchange(first, false)) {
            options = stage.value;
            continue;
        }
        if (splitting_)
            throw CommandError(7182802,
                               "$changeStreamSplitLargeEvent must be the last stage in the pipeline");
        if (stage.name == "$changeStreamSplitLargeEvent" && traits_.split_large) {
            if (!stage.value.is_object() || stage.value.as_document().begin() != View::Iterator())
                throw CommandError(7182800, "$changeStreamSplitLargeEvent spec should be an empty object");
            splitting_ = true;
            continue;
        }
        if (!known_stage(stage.name))
            throw CommandError(40324, "Unrecognized pipeline stage name: '" + std::string(stage.name) + "'");
        if (!is_document_stage(stage.name))
            throw CommandError(20, std::string(stage.name) + " is not permitted in a $changeStream pipeline");
        stages_.push_back(document_stage(stage.name, stage.value));
    }
    if (!options.is_object()) throw CommandError(50808, "$changeStream stage expects a document as argument");
    parse(options.as_document());
}

void ChangeStream::parse(View options) {
    Value resume;
    Value start_after;
    Value start_at;
    for (const Element& option : options) {
        const Value& value = option.value;
        if (option.name == "fullDocument") {
            const std::string mode = value.is_string() ? std::string(value.as_string()) : to_text(value);
            if (mode != "default" && mode != "updateLookup")
                throw CommandError(
                    40575,
                    "unrecognized value for the 'fullDocument' option to the $changeStream stage. Expected "
                    "\"default\" or \"updateLookup\", got \"" +
                        mode + "\"");
            lookup_ = mode == "updateLookup";
        } else if (option.name == "resumeAfter") {
            resume = value;
        } else if (option.name == "startAfter") {
            start_after = value;
        } else if (option.name == "startAtOperationTime") {
            if (value.type != Type::timestamp)
                throw CommandError(14, "BSON field '$changeStream.startAtOperationTime' is the wrong type '" +
                                           std::string(type_name(value.type)) +
                                           "', expected type 'timestamp'");
            start_at = value;
        } else if (option.name == "allChangesForCluster") {
            if (value.truthy()) scope_ = Scope::deployment;
        } else {
            throw CommandError(
                40415, "BSON field '$changeStream." + std::string(option.name) + "' is an unknown field.");
        }
    }
    if (db_ == "local" || db_ == "config" || (db_ == "admin" && scope_ != Scope::deployment))
        throw CommandError(73, "$changeStream may not be opened on the internal " + db_ + " database");
    if (scope_ == Scope::deployment && (db_ != "admin" || !name_.empty()))
        throw CommandError(72,
                           "A $changeStream with 'allChangesForCluster:true' may only be opened on the "
                           "'admin' database, and "
                           "with no collection name; found " +
                               db_ + "." + (name_.empty() ? "$cmd.aggregate" : name_));
    if (resume && start_after)
        throw CommandError(50865,
                           "Do not specify both 'resumeAfter' and 'startAfter' in a $changeStream stage");
    if (start_at && (resume || start_after))
        throw CommandError(40674, "Only one type of resume option is allowed, but multiple were found.");
    if (resume || start_after) {
        after_ = decode_token(resume ? resume : start_after);
        if (resume && after_.invalidate)
            throw CommandError(
                260,
                "Attempting to resume a change stream using 'resumeAfter' is not allowed from an "
                "invalidate notification.");
        must_see_ = after_.names_event;
        token_ = after_.token;
        return start(after_.time);
    }
    const ClusterTime time = start_at ? load<std::uint64_t>(start_at.bytes.data()) : oplog_.last() + 1;
    token_ = high_water_token(time);
    start(time);
}

void ChangeStream::start(ClusterTime time) {
    position_ = oplog_.lower_bound(time);
    if (oplog_.lost(time)) position_lost(true);
    if (splitting_ || !must_see_) return;
    for (std::uint64_t at = position_; at < oplog_.end() && oplog_.at(at).time == time; ++at) {
        if (concerns(oplog_.at(at)) && resumed_at_fragment(event_token(oplog_.at(at), false)))
            throw CommandError(280,
                               "To resume from a split event, the $changeStream pipeline must include a "
                               "$changeStreamSplitLargeEvent stage",
                               {"NonResumableChangeStreamError"});
    }
}

void ChangeStream::position_lost(bool opening) const {
    if (traits_.history_lost_code == 286)
        throw CommandError(
            286,
            "Resume of change stream was not possible, as the resume point may no longer be in the oplog.",
            {"NonResumableChangeStreamError"});
    throw CommandError(traits_.history_lost_code,
                       std::string("Error in $cursor stage :: caused by :: CollectionScan died due to ") +
                           (opening ? "position in capped collection being deleted"
                                    : "failure to restore tailable cursor position") +
                           ". Last seen record id: RecordId(" +
                           std::to_string(oplog_.at(oplog_.first()).time) + ")");
}

bool ChangeStream::concerns(const Entry& entry) const {
    if (entry.op == Op::noop || entry.op == Op::create || entry.op == Op::index) return false;
    const Namespace& ns = *entry.ns;
    switch (scope_) {
        case Scope::collection:
            return ns.db == db_ && (ns.name == name_ || (entry.op == Op::rename && entry.to == name_));
        case Scope::database:
            return ns.db == db_ && !ns.name.starts_with("system.");
        case Scope::deployment:
            return !internal(ns.db) && !ns.name.starts_with("system.");
    }
    return false;
}

bool ChangeStream::invalidates(const Entry& entry) const {
    if (scope_ == Scope::collection) return entry.op == Op::drop || entry.op == Op::rename;
    return scope_ == Scope::database && entry.op == Op::drop_database;
}

void ChangeStream::look_up(const Entry& entry, Builder& out) {
    const Namespace& ns = *entry.ns;
    if (!looked_up_ || looked_up_->dropped || looked_up_->ns->uuid != ns.uuid)
        looked_up_ = store_.find_uuid(ns.db, ns.uuid);
    if (looked_up_) {
        const auto it = looked_up_->by_id.find(key_of(View(*entry.key)["_id"]));
        if (it != looked_up_->by_id.end()) {
            out.add("fullDocument", View(*it->second.document));
            return;
        }
    }
    out.null("fullDocument");
}

void ChangeStream::build(const Entry& entry, const Token& token) {
    Builder out;
    if (entry.session) {
        out.add("txnNumber", entry.session->txn_number).begin_document("lsid");
        out.binary("id", entry.session->id, 4).binary("uid", nobody, 0).end();
    }
    const Namespace& ns = *entry.ns;
    if (entry.op == Op::rename) out.begin_document("to").add("db", ns.db).add("coll", entry.to).end();
    out.add("_id", View(token.to_bson()));
    out.add("operationType", kind_of(entry.op)).timestamp("clusterTime", entry.time);
    if (entry.op == Op::insert || entry.op == Op::replace) out.add("fullDocument", View(*entry.document));
    if (entry.op == Op::update && lookup_) look_up(entry, out);
    out.begin_document("ns").add("db", ns.db);
    if (!ns.name.empty()) out.add("coll", ns.name);
    out.end();
    if (entry.op == Op::insert)
        out.begin_document("documentKey").add("_id", View(*entry.document)["_id"]).end();
    else if (entry.key)
        out.add("documentKey", View(*entry.key));
    if (entry.op == Op::update) {
        out.begin_document("updateDescription").merge(View(*entry.document));
        if (traits_.truncated_arrays) out.begin_array("truncatedArrays").end();
        out.end();
    }
    event_ = out.finish();
}

std::string ChangeStream::invalidate_event(const Entry& entry, const Token& token) const {
    Builder out;
    out.add("_id", View(token.to_bson()))
        .add("operationType", "invalidate")
        .timestamp("clusterTime", entry.time);
    return out.finish();
}

// Runs the user's stages; the token must come out as it went in.
bool ChangeStream::emit(std::string event, Token token) {
    for (const DocumentStage& stage : stages_) {
        if (!stage(event)) return false;
    }
    const std::string expected = token.to_bson();
    const Value id = View(event)["_id"];
    if (!stages_.empty() && (!id.is_object() || id.bytes != expected)) {
        const std::string found = id ? "{ _id: " + to_text(id) + " }" : "{}";
        throw CommandError(
            280,
            "Encountered an event whose _id field, which contains the resume token, was modified by the "
            "pipeline. Modifying the _id field of an event makes it impossible to resume the stream from "
            "that "
            "point. Only transformations that retain the unmodified _id field are allowed. Expected: { "
            "_id: " +
                to_text(View(expected)) + " } but found: " + found,
            {"NonResumableChangeStreamError"});
    }
    event_ = std::move(event);
    if (must_split(token)) return split(token);
    before_token_ = std::exchange(token_, std::move(token));
    if (event_.size() <= traits_.event_bytes) return true;
    throw CommandError(
        10334,
        "BSONObj size: " + std::to_string(event_.size()) +
            " is invalid. Size must be between 0 and 16793600(16MB) First element: _id: " + to_text(id));
}

// As the stage has it: 8 KiB below what a BSON object may have.
std::size_t ChangeStream::split_above() const {
    constexpr std::size_t slack = 8192;
    return traits_.event_bytes > 2 * slack ? traits_.event_bytes - slack : traits_.event_bytes;
}

bool ChangeStream::must_split(const Token& token) const {
    if (!splitting_) return false;
    if (event_.size() > split_above()) return true;
    if (resumed_at_fragment(token))
        throw CommandError(280,
                           "Attempted to resume from a split event fragment, but the event in the resumed "
                           "stream was not large enough to be split",
                           {"NonResumableChangeStreamError"});
    return false;
}

// Fragments up to the one that the stream was resumed after are left out. False: that was the last one.
bool ChangeStream::split(const Token& token) {
    fragments_ = fragments_of(View(event_), token, split_above());
    ++traits_.splits->events;
    if (const auto resumed = resumed_at_fragment(token)) {
        if (*resumed >= fragments_.size())
            throw CommandError(280,
                               "Attempted to resume from a split event, but the resumed stream produced a "
                               "different split. Ensure that the pipeline used to resume is the same as the "
                               "original",
                               {"NonResumableChangeStreamError"});
        fragments_.erase(fragments_.begin(), fragments_.begin() + static_cast<std::ptrdiff_t>(*resumed) + 1);
    }
    return next_fragment();
}

bool ChangeStream::next_fragment() {
    if (fragments_.empty()) return false;
    before_token_ = token_;
    std::tie(event_, token_) = std::move(fragments_.front());
    fragments_.pop_front();
    return true;
}

void ChangeStream::put_back() { token_ = before_token_; }

Cursor::Next ChangeStream::next(std::string_view& document) {
    document = {};
    if (closed_) return Next::closed;
    if (next_fragment()) {
        document = event_;
        return Next::document;
    }
    while (true) {
        if (!invalidate_.empty()) {
            event_ = std::exchange(invalidate_, {});
            before_token_ = std::exchange(token_, invalidate_token_);
            closed_ = true;
            document = event_;
            return Next::document;
        }
        if (position_ < oplog_.first()) position_lost(false);
        const Entry* entry = oplog_.visible(position_);
        if (entry == nullptr) {
            if (position_ > oplog_.first()) {
                Token water = high_water_token(oplog_.at(position_ - 1).time);
                if (water.data > token_.data) token_ = std::move(water);
            }
            return Next::nothing;
        }
        ++position_;
        if (!concerns(*entry)) continue;
        Token token = event_token(*entry, false);
        const bool closes = invalidates(*entry);
        Token closing = closes ? event_token(*entry, true) : Token{};
        const bool inside = splitting_ && resumed_at_fragment(token);
        if (inside) must_see_ = false;
        // A prefix of a token (the server takes it) is not larger than the token itself.
        const bool skipped = !inside && !after_.token.empty() && token.data <= after_.token.data;
        if (skipped) {
            if (token.data == after_.token.data || after_.token.data == closing.data) must_see_ = false;
        } else if (must_see_) {
            throw CommandError(
                280, "cannot resume stream; the resume token was not found. {_data: \"" + token.data + "\"}",
                {"NonResumableChangeStreamError"});
        }
        if (closes && (after_.token.empty() || closing.data > after_.token.data)) {
            invalidate_ = invalidate_event(*entry, closing);
            invalidate_token_ = std::move(closing);
        }
        if (skipped) continue;
        build(*entry, token);
        if (emit(std::move(event_), std::move(token))) {
            document = event_;
            return Next::document;
        }
    }
}

// Which fragment of this event (from 0) the token to resume after names, if it names one.
std::optional<std::size_t> ChangeStream::resumed_at_fragment(const Token& token) const {
    const std::string_view stem = std::string_view(token.data).substr(0, token.data.size() - 2);
    std::string_view rest = after_.token.data;
    if (rest.size() <= token.data.size() || !rest.starts_with(stem)) return {};
    rest.remove_prefix(stem.size());
    std::size_t number = 0;
    if (rest.starts_with("2B")) std::from_chars(rest.data() + 2, rest.data() + 4, number, 16);
    return number / 2;  // a KeyString's lowest bit says that a fraction follows
}

std::optional<std::string> ChangeStream::post_batch_token() const { return token_.to_bson(); }

}  // namespace halcyon::devstack::mongo
