"""Deliberate faults in src/pipeline and src/jobs, each of which the simulation must find.

`mutations.py SOURCE OUTPUT` writes a copy of a source in which every fault of that file can be switched on at run time
(mutant.hpp); only the simulation's own binary is built of these copies. `mutations.py --list` prints the names.

A fault is (name, file, what stands there once, what stands there instead). MUTANT is the switch; OLD is what stood there.
"""

import pathlib
import sys

MUTATIONS = [
    (
        "commit-before-confirm",
        "lane_write.cpp",
        "    auto outcomes = co_await ports_.sink.apply(name(), std::move(operations), deadline);",
        """    if (MUTANT)
        for (const auto& p : batch) {
            Receipt early{p->work.version, p->wanted.text_digest, p->wanted.payload_digest, p->total, false, {}};
            early.deleted = p->action == Action::remove;
            Work nobody;
            nobody.key = p->work.key;
            committer_.settle(nobody, name(), early);
        }
OLD""",
    ),
    ("acknowledged-is-done", "lane_write.cpp", "        if (outcome.has_value()) {",
     "        if (outcome.has_value() || (MUTANT && outcome.error().cause == Cause::in_doubt)) {"),
    ("outage-spends-attempts", "lane_queue.cpp", "    if (outcomes.front().has_value()) {", "    if (outcomes.front().has_value() || MUTANT) {"),
    ("outage-of-the-embedder-spends-attempts", "embed_stage.cpp", "    if (reply.has_value()) {", "    if (reply.has_value() || MUTANT) {"),
    ("lone-document-waits-for-company", "lane_queue.cpp", "    if (!on_wire_.empty()) return false;",
     "    if (!on_wire_.empty() || (MUTANT && !breaker_.open())) return false;"),
    ("lone-text-waits-for-company", "embed_stage.cpp", "    if (testing_ || limit_", "    if ((MUTANT && !breaker_.open()) || testing_ || limit_"),
    ("tail-goes-first", "lane_write.cpp", "keep = p.last_window() ? p.total : std::max(p.held, p.total);",
     "keep = p.last_window() || MUTANT ? p.total : std::max(p.held, p.total);"),
    ("tail-is-forgotten", "lane_write.cpp", "chunk < p.held; ++chunk", "chunk < (MUTANT ? keep : p.held); ++chunk"),
    ("receipt-counts-one-chunk", "lane_write.cpp", "receipt.chunks = p.total;", "receipt.chunks = MUTANT ? 1 : p.total;"),
    ("doubt-is-not-asked", "lane_write.cpp", "    work.ask = true;\n    work.failures",
     "    work.ask = !MUTANT;\n    work.failures"),
    ("no-version-check", "decide/planner.cpp", "held && held->version > version", "held && held->version > version && !MUTANT"),
    ("digest-of-text-only", "decide/planner.cpp", "held->payload == wanted.payload_digest",
     "(MUTANT || held->payload == wanted.payload_digest)"),
    ("unwanted-stays", "decide/planner.cpp", "holds ? Action::remove : Action::tombstone",
     "holds && !MUTANT ? Action::remove : Action::tombstone"),
    ("no-overlay", "lane.cpp", "const auto* r = committer_.confirmed(key)",
     "const auto* r = MUTANT ? nullptr : committer_.confirmed(key)"),
    ("key-twice-in-flight", "decide/key_sequencer.cpp", "    if (first) return work;",
     "    if (first || (MUTANT && work.version > flying->second.version)) return work;"),
    ("oldest-parked-wins", "decide/key_sequencer.cpp", "} else if (work.version > parked->second.version) {",
     "} else if ((work.version > parked->second.version) != MUTANT) {"),
    ("owed-note-is-lost", "committer.cpp", "    pending_.owed.emplace_back(", "    if (!MUTANT) pending_.owed.emplace_back("),
    ("dead-letter-is-lost", "committer.cpp", "    pending_.dead.emplace_back(", "    if (!MUTANT) pending_.dead.emplace_back("),
    ("what-was-stored-is-not-checked", "committer.cpp", "const bool valid = work.reading && work.reading == reading();",
     "const bool valid = work.reading && (MUTANT || work.reading == reading());"),
    ("receipt-is-lost", "committer.cpp", "        pending_.receipts.emplace_back(",
     "        if (!MUTANT || receipt->deleted) pending_.receipts.emplace_back("),
    ("gone-is-not-owed", "owed_reader.cpp", "    lane_.admit(std::move(work));",
     "    if (!MUTANT || !work.document.empty()) lane_.admit(std::move(work));"),
    ("exhausted-goes-on", "lane_end.cpp", "    if (attempts >= options_.retry.attempts &&",
     "    if (!MUTANT && attempts >= options_.retry.attempts &&"),
    ("retries-stand-still", "owed_reader.cpp", "    std::erase_if(due, [&]", "    if (MUTANT) due.clear();\n    std::erase_if(due, [&]"),
    ("tombstone-goes-at-once", "tombstone_collector.cpp", "v.time.seconds + keep < before.seconds",
     "(MUTANT || v.time.seconds + keep < before.seconds)"),
    ("tombstone-goes-during-a-scan", "tombstone_collector.cpp", "&& scans_done()", "&& (MUTANT || scans_done())"),
    ("route-that-came-back-is-believed", "intake.cpp", "return rescan || !routed(s.ns, s.collection);",
     "return rescan || (!MUTANT && !routed(s.ns, s.collection));"),
    ("no-replay-zone", "intake.cpp", "        work.ask = event.version.time <= zone_until_;",
     "        work.ask = event.version.time <= zone_until_ && !MUTANT;"),
    ("drop-is-ignored", "intake.cpp", "    if (on_namespace_gone) on_namespace_gone(tombstone);",
     "    if (on_namespace_gone && !MUTANT) on_namespace_gone(tombstone);"),
    ("dead-state-comes-back", "intake.cpp", "    run_.dead.add(tombstone);", "    if (!MUTANT) run_.dead.add(tombstone);"),
    ("rename-is-not-scanned", "intake.cpp", "if (gone.rescan && on_rescan)", "if (gone.rescan && on_rescan && !MUTANT)"),
    ("lost-history-from-now", "intake.cpp", "    if (on_rescan) on_rescan(std::nullopt);",
     "    if (on_rescan && !MUTANT) on_rescan(std::nullopt);"),
    ("unsendable-event-is-waited-for", "intake.cpp", "            if (e.verdict == Verdict::reject) {",
     "            if (e.verdict == Verdict::reject && !MUTANT) {"),
    ("no-new-epoch", "intake.cpp", "    if (!different(identity).empty()) ++frontier_.epoch;",
     "    if (!different(identity).empty() && !MUTANT) ++frontier_.epoch;"),
    ("deployment-is-not-compared", "intake.cpp", "const auto why = lost ? *lost : different(identity);",
     "const auto why = lost ? *lost : MUTANT ? std::string() : different(identity);"),
    ("scan-has-the-replys-time", "scanner.cpp", "const Version version{run_.epoch, scan->at(), Version::last};",
     "const Version version{run_.epoch, {scan->at().seconds + (MUTANT ? 2 : 0), scan->at().increment}, Version::last};"),
    ("pause-is-forgotten", "pipeline.cpp", 'if (note == paused_note(name) && value == "yes") lane->halt(true);',
     'if (note == paused_note(name) && value == "yes" && !MUTANT) lane->halt(true);'),
    ("paused-writes-what-is-queued", "lane_queue.cpp", "if (!may_work() ||", "if ((!may_work() && !(MUTANT && open_)) ||"),
    ("resumed-is-not-stored", "operators.cpp", 'commit.notes.emplace_back(paused_note(name), on ? "yes" : "");',
     'commit.notes.emplace_back(paused_note(name), on || MUTANT ? "yes" : "");'),
    ("skip-if-exists-forgets-missing", "scanner_order.cpp", "if (there && believed) {",
     "if ((there || (MUTANT && order_ && order_->missing_only)) && believed) {"),
    ("dry-run-writes", "scanner_order.cpp", "        if (tally_) {", "        if (tally_ && !MUTANT) {"),
    ("stopped-scan-counts-as-complete", "jobs/backfills.cpp", "    if (!r.whole) co_return;",
     "    if (!r.whole && !(MUTANT && job.state != JobState::running)) co_return;"),
    ("paused-job-counts-as-complete", "jobs/backfills.cpp", "        if (!ended(job.state))\n            for",
     "        if (MUTANT && job.state == JobState::paused)\n            for (auto& r : job.routes) r.state = route_done;\nOLD"),
    ("job-pause-is-forgotten", "jobs/backfills.cpp", "    started_ = true;\n",
     "    started_ = true;\n    for (const auto& e : entries_)\n"
     "        if (MUTANT && e->record.job.state == JobState::paused) e->record.job.state = JobState::running;\n"),
    ("job-is-not-stored", "jobs/backfills.cpp", "    commit.notes.emplace_back(note_of(entry->slot), entry->stored);",
     "    if (!MUTANT) commit.notes.emplace_back(note_of(entry->slot), entry->stored);"),
    ("nothing-is-swept", "scanner_sweep.cpp", "    if (candidates > 0) {", "    if (candidates > 0 && !MUTANT) {"),
    ("old-letters-stay", "scanner_sweep.cpp", "!co_await retry_letters()", "(!MUTANT && !co_await retry_letters())"),
    ("other-writers-are-overlooked", "opener_mark.cpp", "        HALCYON_CO_TRY(co_await distrust_receipts());",
     "        if (!MUTANT) {\n            HALCYON_CO_TRY(co_await distrust_receipts());\n        }"),
    ("vectors-of-another-model", "embed_stage.cpp", "vector_key(identity, ", 'vector_key(MUTANT ? "" : identity, '),
    ("vectors-of-another-text", "embed_stage.cpp", "paid.emplace_back(*batch[i]->key, reply.value()[i]);",
     "paid.emplace_back(*batch[i]->key, reply.value()[MUTANT ? 0 : i]);"),
    ("distrust-is-dropped", "pipeline.cpp", "    if (scanning) lane->distrust.until_scanned();",
     "    if (MUTANT) co_return success();\nOLD"),
    ("unfinished-sweeps-are-dropped", "pipeline.cpp", "        if (!t.swept) sweep(t);", "        if (!t.swept && !MUTANT) sweep(t);"),
    ("old-receipts-of-a-new-collection", "opener.cpp", "    HALCYON_CO_TRY(co_await forget_receipts());",
     "    if (!MUTANT) {\n        HALCYON_CO_TRY(co_await forget_receipts());\n    }"),
    ("rebuilt-is-not-compared", "opener.cpp", "    if (on_rebuild) on_rebuild();", "    if (on_rebuild && !MUTANT) on_rebuild();"),
    ("replaced-collection-is-missed", "opener.cpp", "if (found.value().created || found.value().identity != known_identity_)",
     "if (!MUTANT && (found.value().created || found.value().identity != known_identity_))"),
]


def mutated(path):
    text = path.read_text()
    for name, file, old, new in MUTATIONS:
        if not path.as_posix().endswith("/" + (file if file.startswith("jobs/") else "pipeline/" + file)):
            continue
        if text.count(old) != 1:
            raise SystemExit(f"{file}: what {name} replaces stands there {text.count(old)} times: {old.strip()}")
        text = text.replace(old, new.replace("OLD", old).replace("MUTANT", f'halcyon::mutant("{name}")'))
    return '#include "simulation/mutations/mutant.hpp"\n' + text


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(name for name, *_ in MUTATIONS))
        return
    source, output = map(pathlib.Path, sys.argv[1:])
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(mutated(source))


if __name__ == "__main__":
    main()
