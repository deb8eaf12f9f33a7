#include "mongo/errors.hpp"

#include <fmt/format.h>

#include "core/utf8.hpp"

namespace halcyon::mongo {
namespace {

// Server error codes: src/mongo/base/error_codes.yml, and the recordings in tests/fixtures.
constexpr std::uint32_t bson_object_too_large = 10334;
constexpr std::uint32_t fragment_too_large = 7182500;
constexpr std::uint32_t unauthorized_code = 13;

// A message may quote a whole command; operators need its beginning.
std::string shortened(const std::string& text) {
    constexpr std::size_t most = 300;
    if (text.size() <= most) return text;
    return std::string(utf8::cut(text, most)) + "...";
}

struct Ruling {
    Verdict verdict;
    Cause cause;
    std::string_view advice = "";
};

Ruling of_server(const Failure& f, Attempt::What what) {
    const bool watch = what == Attempt::What::watch;
    switch (f.code) {
        case 286:  // ChangeStreamHistoryLost
            return {Verdict::resync, Cause::history_lost};
        case 136:  // CappedPositionLost: how servers up to 4.2 say 286; for a plain read a scan that was
                   // overtaken
            return watch ? Ruling{Verdict::resync, Cause::history_lost}
                         : Ruling{Verdict::retry, Cause::unavailable};
        case 280:  // ChangeStreamFatalError: the history reaches back to the token, and its event is not
                   // there
            return {Verdict::resync, Cause::not_found};
        case 260:    // InvalidResumeToken
        case 50811:  // token of another form
        case 40647:  // no _data
        case 40649:  // empty _data
            return {Verdict::resync, Cause::invalid_position};
        case 9:   // FailedToParse: "resume token string was not a valid hex string"
        case 15:  // Overflow: a cut token
            return watch ? Ruling{Verdict::resync, Cause::invalid_position}
                         : Ruling{Verdict::fatal, Cause::internal,
                                  "halcyon sent a command that is not understood"};
        case 40573:
        case 76:  // NoReplicationEnabled
            return {Verdict::fatal, Cause::unsupported,
                    "change streams need a replica set; make one of this server: start it with "
                    "`mongod --replSet rs0 ...`, then run `rs.initiate()` once in mongosh"};
        case 40324:  // unrecognized pipeline stage
            return {Verdict::fatal, Cause::unsupported, "MongoDB 4.2 or newer is needed"};
        case 59:  // CommandNotFound
            return {Verdict::fatal, Cause::unsupported};
        case unauthorized_code:
            return {Verdict::fatal, Cause::unauthorized};
        case 18:    // AuthenticationFailed
        case 8000:  // Atlas: bad auth
        case 11:    // UserNotFound
            return {Verdict::fatal, Cause::unauthorized,
                    "check user, password and authSource of the connection string"};
        case bson_object_too_large:
        case fragment_too_large:
            return {Verdict::reject, Cause::too_large};
        case 166:  // CommandNotSupportedOnView
            return {Verdict::fatal, Cause::invalid,
                    "a view has no change stream: name the collection behind it"};
        case 73:  // InvalidNamespace
            return {Verdict::fatal, Cause::invalid};
        case 72:  // InvalidOptions
            // A member that has not yet heard of the time refuses to wait for it.
            if (f.message.find("lusterTime") != std::string::npos)
                return {Verdict::retry, Cause::unavailable};
            [[fallthrough]];
        case 2:      // BadValue
        case 20:     // IllegalOperation
        case 40415:  // unknown field
        case 40575:  // unknown value of fullDocument
        case 40602:  // $changeStream not first
        case 50865:  // both resumeAfter and startAfter
        case 51173:  // min or max without a hint
            return {Verdict::fatal, Cause::internal, "halcyon sent a command that this server refuses"};
        case 50:   // MaxTimeMSExpired
        case 262:  // ExceededTimeLimit
        case 89:   // NetworkTimeout
            return {Verdict::retry, Cause::timeout};
        case 43:     // CursorNotFound
        case 50738:  // cursor of another session
        case 175:    // QueryPlanKilled
        case 237:    // CursorKilled
        case 11601:  // Interrupted
        case 239:    // SnapshotTooOld
        case 246:    // SnapshotUnavailable
        default:     // elections, shutdowns, sharding, and what is not known: look again, and show the code
            break;
    }
    if (f.non_resumable_label) return {Verdict::resync, Cause::history_lost};
    return {Verdict::retry, Cause::unavailable};
}

Ruling ruling(const Failure& f, Attempt::What what) {
    switch (f.origin) {
        case Failure::Origin::server:
            return of_server(f, what);
        case Failure::Origin::network:
        case Failure::Origin::selection:
            return {Verdict::retry, Cause::unavailable};
        case Failure::Origin::authentication:
            return {Verdict::fatal, Cause::unauthorized,
                    "check user, password and authSource of the connection string"};
        case Failure::Origin::incompatible:
            return {Verdict::fatal, Cause::unsupported, "MongoDB 4.2 or newer is needed"};
        case Failure::Origin::driver:
            break;
    }
    return {Verdict::fatal, Cause::internal};
}

}  // namespace

bool too_large(const Failure& f) {
    return f.origin == Failure::Origin::server &&
           (f.code == bson_object_too_large || f.code == fragment_too_large);
}
bool cannot_split(const Failure& f) {
    if (f.origin != Failure::Origin::server && f.origin != Failure::Origin::authentication) return false;
    switch (f.code) {
        case 40324:  // unrecognized stage: 4.2 to 6.0.8
        case 224:    // QueryFeatureNotAllowed: an older featureCompatibilityVersion
        case 115:    // CommandNotSupported
        case 303:    // servers that speak like MongoDB: feature not supported
        case 8000:   // Atlas: not in this tier
        case 323:    // APIStrictError
            return true;
        default:
            return false;
    }
}
bool unauthorized(const Failure& f) {
    return f.origin == Failure::Origin::server && f.code == unauthorized_code;
}

Error verdict(const Failure& failure, const Attempt& attempt) {
    const auto r = ruling(failure, attempt.what);
    auto context = fmt::format("cannot {}: {}", attempt.doing, shortened(failure.message));
    if (failure.origin == Failure::Origin::server && failure.code != 0)
        context += fmt::format(" (MongoDB error {})", failure.code);
    if (unauthorized(failure)) {
        // The server's text quotes the command; what is missing is what an operator needs.
        context = fmt::format("cannot {}: the MongoDB user has no right to (error 13)", attempt.doing);
        if (!attempt.privilege.empty()) context += fmt::format("; grant it {}", attempt.privilege);
    } else if (!r.advice.empty()) {
        context += fmt::format("; {}", r.advice);
    }
    return {r.verdict, r.cause, std::move(context), {}};
}

}  // namespace halcyon::mongo
