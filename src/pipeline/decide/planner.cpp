#include "pipeline/decide/planner.hpp"

namespace halcyon::pipeline {

std::string_view to_string(Action action) {
    switch (action) {
        case Action::superseded:
            return "superseded";
        case Action::skip:
            return "skip";
        case Action::tombstone:
            return "tombstone";
        case Action::overwrite_payload:
            return "overwrite payload";
        case Action::embed_and_upsert:
            return "embed and upsert";
        case Action::remove:
            return "remove";
    }
    return "?";
}

Action plan(const Version& version, const render::Wanted& wanted, const std::optional<Receipt>& held) {
    // An equal version is planned: a state read twice at one cluster time may be wanted differently by a
    // changed route, and any change that one of the two reads missed has an event with a newer version.
    if (held && held->version > version) return Action::superseded;
    const bool holds = held && !held->deleted && held->chunks > 0;
    if (!wanted.wanted) return holds ? Action::remove : Action::tombstone;
    if (!holds || held->text != wanted.text_digest) return Action::embed_and_upsert;
    return held->payload == wanted.payload_digest ? Action::skip : Action::overwrite_payload;
}

}  // namespace halcyon::pipeline
