"""The real program against a sidecar that says what a test wrote down: what it asks, prints and ends with.

    command_test.py --halcyon PROGRAM [unittest's own words]
"""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

import harness
import samples
from double import Double
from harness import SECONDS, Case, until

SETTINGS = """
mongodb: { uri: "mongodb://127.0.0.1:1/?replicaSet=rs0" }
qdrant: { url: "http://127.0.0.1:2" }
embedders: { default: { type: lexical } }
routes: [{ from: shop.products, to: products, text: [name] }]
state: { path: state }
"""


class Commands(Case):
    def test_every_command_sends_its_request_and_prints_the_reply(self):
        job = "20261128-010203-a1b2"
        letters = {"letters": [{"collection": "c", "namespace": "a.b", "id": "5", "code": "E1", "reason": "long"}]}
        story = {"namespace": "a.b", "id": "5", "known": True, "collections": [], "events": []}
        for words, request, body, reply, part in (
            ("status", "GET /v1/status", None, samples.status(), "shop.products -> products"),
            ("health", "GET /v1/health", None, {"healthy": True, "in_sync": True, "reasons": []}, "healthy, in sync"),
            ("documents --status failed --collection a/b", "GET /v1/documents?limit=100&status=failed&collection=a%2Fb", None, {"documents": []}, "no such documents"),
            ("explain a.b 5", "GET /v1/explain?namespace=a.b&id=5", None, story, "a.b 5"),
            ("retry a.b 5 6 --force", "POST /v1/documents/retry", {"documents": [{"namespace": "a.b", "id": "5"}, {"namespace": "a.b", "id": "6"}], "force": True}, {"retried": 2}, "2 are read again"),
            ("retry --pending --collection c", "POST /v1/documents/retry", {"status": "pending", "collection": "c"}, {"retried": 0}, "nothing waits"),
            ("retry --failed --reset", "POST /v1/documents/retry", {"status": "failed", "reset": True}, {"retried": 0}, "nothing has failed"),
            ("dead-letters list", "GET /v1/dead-letters?limit=1000", None, letters, "E1"),
            ("dead-letters export --collection c", "GET /v1/dead-letters?limit=1000&collection=c", None, letters, '"code": "E1"'.replace(" ", "")),
            ("dead-letters retry c a.b 5", "POST /v1/dead-letters/retry", {"collection": "c", "namespace": "a.b", "id": "5"}, {"letters": 1}, "1 to be tried again"),
            ("dead-letters drop --all", "POST /v1/dead-letters/drop", {"all": True}, {"letters": 3}, "3 dropped"),
            ("pause --all", "POST /v1/pause", None, {"collections": ["a", "b"]}, "a, b are paused"),
            ("pause a/b", "POST /v1/collections/a%2Fb/pause", None, {"collections": ["a/b"]}, "a/b is paused"),
            ("resume products", "POST /v1/collections/products/resume", None, {"collections": ["products"]}, "products goes on"),
            ("resume --all", "POST /v1/resume", None, {"collections": []}, "nothing was there to resume"),
            ("jobs", "GET /v1/jobs", None, {"jobs": [samples.job()]}, "12,345 of 29,000"),
            ("jobs list", "GET /v1/jobs", None, {"jobs": []}, "no jobs"),
            (f"jobs show {job}", f"GET /v1/jobs/{job}", None, samples.job(), "running"),
            (f"jobs pause {job}", f"POST /v1/jobs/{job}/pause", None, samples.job(state="paused"), "paused"),
            (f"jobs resume {job}", f"POST /v1/jobs/{job}/resume", None, samples.job(), "running"),
            (f"jobs cancel {job}", f"POST /v1/jobs/{job}/cancel", None, samples.job(state="cancelled"), "cancelled"),
            ("backfill", "POST /v1/jobs", {"type": "backfill"}, (201, samples.job(), {"Location": f"/v1/jobs/{job}"}), "running"),
            ("backfill --collection c --namespace a.b --mode full --dry-run --max-pending 0", "POST /v1/jobs",
             {"type": "backfill", "collection": "c", "namespace": "a.b", "mode": "full", "dry_run": True, "max_pending": 0}, (201, samples.job()), "running"),
            ("log-level", "GET /v1/log", None, {"level": "info"}, "info"),
            ("log-level debug", "PUT /v1/log", {"level": "debug"}, {"level": "debug"}, "debug, until"),
            ("settings", "GET /v1/settings", None, {"file": "f", "settings": [{"path": "memory", "value": "1GiB", "set": True}]}, "1GiB"),
        ):
            with self.subTest(words=words):
                folder = tempfile.mkdtemp(dir=self.folder)
                with Double({request.partition("?")[0]: reply}, folder) as double:
                    code, out, err = self.ask(double, *words.split())
                    self.assertEqual((code, double.asked()[0]), (0, request), err)
                    self.assertIn(part, out)
                    self.assertEqual(double.bodies(), [body] if body else [])
                    if body:
                        self.assertEqual(double.requests[0]["headers"]["Content-Type"], "application/json")
                    if words.startswith("dead-letters export"):
                        continue
                    code, out, _ = self.ask(double, *words.split(), "--json")
                    self.assertEqual(code, 0)
                    self.assertEqual(json.loads(out), reply[1] if isinstance(reply, tuple) else reply)

    def test_a_long_list_is_fetched_page_by_page(self):
        pages = lambda query, _: {"documents": [{"id": query}], **({"next": "p2"} if "from=" not in query else {})}
        double = self.double({"GET /v1/documents": pages})
        code, out, _ = self.ask(double, "documents", "--limit", "0", "--json")
        self.assertEqual((code, len(json.loads(out)["documents"])), (0, 2))
        self.assertEqual(double.asked()[1], "GET /v1/documents?limit=1000&from=p2")

    def test_usage_that_means_nothing_is_refused_before_anything_is_asked(self):
        double = self.double({})
        for words in ("pause", "resume products --all", "retry", "retry a.b", "retry a.b --failed", "retry --failed --pending",
                      "dead-letters show c a.b", "log-level loud", "backfill --mode all", "backfill --max-pending -1", "jobs show",
                      "status --watch 0", "status --token t", "completion cmd", "top"):
            with self.subTest(words=words):
                code, out, err = self.ask(double, *words.split())
                self.assertEqual((code, out), (2, ""), err)
                self.assertTrue(err)
        self.assertEqual(double.asked(), [])

    def test_one_collection_that_is_not_known_does_not_keep_the_others_waiting(self):
        double = self.double({"POST /v1/collections/a/pause": {"collections": ["a"]}, "POST /v1/collections/b/pause": {"collections": ["b"]}})
        code, out, err = self.ask(double, "pause", "a", "typo", "b")
        self.assertEqual((code, out.count("is paused")), (3, 2), err)

    def test_guards_are_shown_and_answered(self):
        held = samples.status(held=[{"guard": "max_embeddings", "question": "embed 9?"}], changes=[{"kind": "gone", "says": "x is gone"}])
        double = self.double({"GET /v1/status": held, "POST /v1/apply": lambda _, body: {"released": 1, "routes": 1}})
        self.assertEqual(self.ask(double, "apply")[:2], (5, "max_embeddings: embed 9?\n`halcyon apply --yes` lets this go on\n"))
        self.assertEqual(self.ask(double, "apply", "--orphans")[0], 5)
        self.assertEqual(json.loads(self.ask(double, "apply", "--json")[1]), {"held": held["held"]})
        self.assertEqual(self.ask(double, "apply", "--yes")[0], 0)
        self.assertEqual(self.ask(double, "apply", "--orphans", "--yes")[0], 0)
        self.assertEqual(double.bodies(), [{}, {"orphans": True}])


class Failures(Case):
    def test_problems_have_their_exit_codes(self):
        for status, code in ((400, 2), (404, 3), (409, 1), (421, 1), (500, 1), (503, 1)):
            with self.subTest(status=status):
                folder = tempfile.mkdtemp(dir=self.folder)
                with Double({"GET /v1/jobs": samples.problem(status, "it is so", "because")}, folder) as double:
                    self.assertEqual(self.ask(double, "jobs"), (code, "", "it is so: because\n"))

    def test_a_job_that_runs_already_is_named(self):
        double = self.double({"POST /v1/jobs": samples.problem(409, "runs already", "since 01:02", Location="/v1/jobs/first-one")})
        code, out, err = self.ask(double, "backfill", "--wait")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("runs already: since 01:02", err)
        self.assertIn("halcyon jobs show first-one --watch", err)

    def test_where_nobody_listens_that_is_said(self):
        for words in (("status",), ("jobs",), ("pause", "--all"), ("backfill",), ("health",), ("apply",), ("settings",)):
            code, out, err = self.run_(*words, "--socket", "/nowhere/control.sock")
            self.assertEqual((code, out), (4, ""), words)
            self.assertIn("no sidecar answers on /nowhere/control.sock; start one with `halcyon run`", err)

    def test_where_nobody_listens_a_list_comes_from_the_folder_or_from_nowhere(self):
        self.file("halcyon.yaml", SETTINGS)
        for words in (("status",), ("documents",), ("jobs",), ("dead-letters", "list"), ("dead-letters", "export")):
            code, out, err = self.run_(*words, "--json")
            self.assertEqual((code, out), (4, ""), words)
            # Once, whoever found it out.
            self.assertEqual((err.count("no sidecar runs, and "), err.count("\n")), (1, 1), (words, err))

    def test_what_is_no_sidecar_is_not_understood(self):
        double = self.double({"GET /v1/status": (502, "<html>bad gateway</html>")})
        code, _, err = self.ask(double, "status")
        self.assertEqual(code, 1)
        self.assertIn("HTTP 502", err)

    def test_what_a_sidecar_says_cannot_steer_the_terminal(self):
        evil = samples.status(collections=[samples.collection("a\x1b]0;b\x07")], held=[{"guard": "g", "question": "\x1b[2J"}])
        double = self.double({"GET /v1/status": evil, "GET /v1/jobs": samples.problem(400, "\x1b[2J")})
        for words in ("status", "jobs", "apply"):
            code, out, err = self.ask(double, words)
            self.assertNotIn("\x1b", out + err, (words, code))


class Addresses(Case):
    def certificate(self):
        path = os.path.join(self.folder, "both.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=halcyon",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", path + ".crt"], check=True, capture_output=True)
        with open(path, "a", encoding="utf-8") as both, open(path + ".crt", encoding="utf-8") as crt:
            both.write(crt.read())
        return path

    def guarded(self):
        """What a sidecar with tokens says."""
        def reply(_, __):
            given = double.requests[-1]["headers"].get("Authorization")
            if given is None or given != "Bearer secret-word":
                return samples.problem(401, "unauthorized", "no such token" if given else "a token is missing")
            return {"jobs": []}
        double = self.double({"GET /v1/jobs": reply, "POST /v1/pause": samples.problem(403, "forbidden", "viewers may only look")}, folder=None)
        return double

    def test_tokens_come_from_flag_file_and_environment_and_are_never_shown(self):
        double = self.guarded()
        file = self.file("token", "secret-word\n")
        wrong = self.file("wrong", "wrong-word\n")
        said = ""
        for words, environment, code in (
            (("jobs", "--token-file", file), {}, 0),
            (("jobs", "--token", "secret-word"), {}, 0),
            (("jobs",), {"HALCYON_TOKEN": "secret-word"}, 0),
            (("jobs",), {"HALCYON_TOKEN_FILE": file}, 0),
            (("jobs",), {}, 1),
            (("jobs", "--token-file", wrong), {"HALCYON_TOKEN": "secret-word"}, 1),
            (("pause", "--all", "--token-file", file), {}, 1),
            (("jobs", "--token-file", file + ".none"), {}, 2),
        ):
            got, out, err = self.run_(*words, "--address", double.url(), environment=environment)
            self.assertEqual(got, code, (words, out, err))
            if code:
                self.assertIn("--token-file", err)
            said += out + err
        self.assertEqual(self.run_("jobs", environment={"HALCYON_ADDRESS": double.url(), "HALCYON_TOKEN": "secret-word"})[0], 0)
        self.assertNotIn("secret-word", said)
        self.assertNotIn("wrong-word", said)
        self.assertIn("ps", self.run_("jobs", "--token", "secret-word", "--address", double.url())[2])

    def test_a_token_is_gone_from_the_process_title_while_the_command_runs(self):
        asked, go_on = threading.Event(), threading.Event()
        def slow(_, __):
            asked.set()
            go_on.wait(SECONDS)
            return {"jobs": []}
        double = self.double({"GET /v1/jobs": slow}, folder=None)
        process = self.start("jobs", "--address", double.url(), "--token", "secret-word")
        self.assertTrue(asked.wait(SECONDS))
        with open(f"/proc/{process.pid}/cmdline", "rb") as file:
            title = file.read()
        go_on.set()
        self.assertEqual(process.wait(SECONDS), 0)
        self.assertNotIn(b"secret-word", title)
        self.assertIn(b"--token\0***********", title)

    def test_https_needs_a_certificate_that_is_trusted(self):
        both = self.certificate()
        double = self.double({"GET /v1/jobs": {"jobs": []}}, folder=None, certificate=both)
        code, _, err = self.run_("jobs", "--address", double.url())
        self.assertEqual(code, 4, err)
        self.assertIn("--ca-file", err)
        self.assertEqual(self.run_("jobs", "--address", double.url(), "--ca-file", both + ".crt")[0], 0)
        self.assertEqual(self.run_("jobs", "--address", double.url(), "--ca-file", "/not/there")[0], 2)

    def test_an_address_needs_no_settings_and_a_folder_is_never_read_in_its_place(self):
        double = self.double({"GET /v1/status": samples.status()}, folder=None)
        self.file("halcyon.yaml", "nonsense: [")
        self.assertEqual(self.run_("status", "--address", double.url() + "/")[0], 0)
        self.assertEqual(self.run_("status")[0], 2)
        url = double.url()
        double.server.server_close()
        code, out, err = self.run_("status", "--address", url)
        self.assertEqual((code, out), (4, ""), err)
        self.assertIn("no answer from " + url, err)

    def test_a_path_in_the_address_goes_before_every_request(self):
        double = self.double({"GET /search/halcyon/v1/jobs": {"jobs": []}}, folder=None)
        self.assertEqual(self.run_("jobs", "--address", double.url() + "/search/halcyon/")[0], 0)


class Watching(Case):
    def test_json_is_one_object_a_line_and_goes_on_while_the_sidecar_is_away(self):
        replies = [samples.status(events=1), samples.problem(500, "no"), samples.status(events=3)]
        double = self.double({"GET /v1/status": [replies[0], replies[2]]})
        process = self.start("status", "--watch", "1", "--json", "--socket", double.path)
        self.assertEqual(json.loads(process.stdout.readline())["events"], 1)
        self.assertEqual(json.loads(process.stdout.readline())["events"], 3)
        double.stop()
        self.assertIn("no sidecar answers", process.stderr.readline())
        again = Double({"GET /v1/status": samples.status(events=9)}, self.folder)
        self.addCleanup(again.stop)
        self.assertEqual(json.loads(process.stdout.readline())["events"], 9)
        again.script["GET /v1/status"] = replies[1]
        process.stdout.read()
        self.assertEqual(process.wait(SECONDS), 1)

    def test_an_interrupt_ends_it_well(self):
        double = self.double({"GET /v1/jobs": {"jobs": []}})
        process = self.start("jobs", "--watch", "--socket", double.path)
        self.assertEqual(process.stdout.readline(), "no jobs\n")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(SECONDS), 0)


class Backfill(Case):
    JOB = "GET /v1/jobs/20261128-010203-a1b2"

    def started(self, *then):
        return self.double({"POST /v1/jobs": (201, samples.job()), self.JOB: list(then)})

    def test_waiting_ends_with_the_job(self):
        for last, code in ((samples.done(), 0), (samples.job(state="failed", error="no"), 1), (samples.job(state="cancelled"), 1)):
            folder = tempfile.mkdtemp(dir=self.folder)
            with Double({"POST /v1/jobs": (201, samples.job()), self.JOB: [samples.job(), last]}, folder) as double:
                got, out, err = self.ask(double, "backfill", "--wait")
                self.assertEqual((got, last["state"] in out), (code, True), err)
                self.assertIn("42%", err)
                got, out, _ = self.ask(double, "backfill", "--wait", "--json")
                self.assertEqual((got, json.loads(out)), (code, last))

    def test_a_guard_that_nobody_sees_ends_the_waiting(self):
        double = self.started(samples.job(waits_for="a guard asks: max_embeddings"))
        code, out, _ = self.ask(double, "backfill", "--wait")
        self.assertEqual(code, 5)
        self.assertIn("`halcyon apply --yes`", out)

    def test_an_interrupt_leaves_the_job_alone_and_says_how_to_go_on(self):
        double = self.started(samples.job())
        process = self.start("backfill", "--wait", "--socket", double.path)
        until(lambda: self.JOB in double.asked(), "the job was not asked for")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, 0)
        self.assertIn("goes on; `halcyon jobs show 20261128-010203-a1b2 --watch` follows it, `halcyon jobs cancel", err)
        self.assertEqual([r for r in double.asked() if r.startswith("POST")], ["POST /v1/jobs"])

    def test_a_terminal_shows_a_bar_without_being_asked(self):
        double = self.started(samples.job(), samples.done())
        ours, theirs = pty.openpty()
        process = self.start("backfill", "--socket", double.path, terminal=theirs)
        os.close(theirs)
        text = b""
        while select.select([ours], [], [], SECONDS)[0]:
            try:
                text += os.read(ours, 4096)
            except OSError:
                break
        os.close(ours)
        self.assertEqual(process.wait(SECONDS), 0)
        self.assertIn(b"[########", text)
        self.assertIn(b"28,988 unchanged", text)


if __name__ == "__main__":
    at = sys.argv.index("--halcyon")
    harness.PROGRAM = os.path.abspath(sys.argv[at + 1])
    del sys.argv[at : at + 2]
    from shell_test import Completion  # noqa: F401
    from top_test import Top  # noqa: F401

    unittest.main()
