//! `GET /api/session` with many sessions in sled, compared to a bare warp handler with the same
//! response body.

use std::{fs, net::SocketAddr, path::Path};

use portico_e2e::{Browser, Emulator, Options, Portico, Settings};
use tokio::process::Command;
use warp::Filter;

use crate::{median, report, sessions};

/// A store, and which of its sessions are requested.
pub(crate) struct Population {
    name: &'static str,
    stored: usize,
    requested: usize,
}

/// Any of 100,000 sessions.
pub(crate) const HUNDRED_THOUSAND: Population =
    Population { name: "100,000 sessions", stored: 100_000, requested: 100_000 };

/// The people of 50,000 of a million sessions are at work.
pub(crate) const MILLION: Population =
    Population { name: "50,000 of 1,000,000 sessions", stored: 1_000_000, requested: 50_000 };

const ROUNDS: usize = 5;
const CONNECTIONS: &str = "64";
const SECONDS: &str = "8s";

/// wrk's figures of one round.
struct Load {
    requests_per_second: f64,
    p99_ms: f64,
}

/// Fills the store, then measures both servers in alternation.
pub(crate) async fn measure(population: &Population) {
    let Population { name, stored, requested } = *population;
    let folder = tempfile::tempdir().unwrap();
    let ids = sessions::fill(folder.path(), stored).await;
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let portico = Portico::start(&Settings::new(&emulator, folder.path())).await;
    let each = sessions::size(&folder.path().join("sessions")) / stored as u64;
    report("a session on disk, settled", &format!("{each} bytes"), "under 3 KB");

    report("resident after the start", &format!("{} MiB", portico.memory().0 >> 20), "");

    let script = script(folder.path(), &ids[..requested]);
    let mut browser = Browser::default();
    browser.set_cookie(&portico.base, "portico_session", &ids[0]);
    let body = browser.session(&portico.base).await.body;
    assert!(body.contains("\"accounts\""), "{body}");
    let bare = bare_warp(body);

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (one, other) = (load(&portico.base, &script).await, load(&bare, &script).await);
        // The first round is a warm-up.
        if round > 0 {
            ours.push(one);
            theirs.push(other);
        }
    }
    let pairs = || ours.iter().zip(&theirs);
    let throughput = pairs().map(|(a, b)| a.requests_per_second / b.requests_per_second);
    let p99 = pairs().map(|(a, b)| a.p99_ms / b.p99_ms);
    let ours = median(ours.iter().map(|load| load.requests_per_second).collect());
    let theirs = median(theirs.iter().map(|load| load.requests_per_second).collect());
    report(&format!("/api/session, {name}, 64 connections"), &format!("{ours:.0}/s"), "");
    report("a bare warp handler with the same bytes", &format!("{theirs:.0}/s"), "");
    let ratio = format!("{:.0} %", median(throughput.collect()) * 100.0);
    report("throughput, ratio, median of pairs", &ratio, "at least 80 %");
    report("p99, ratio, median of pairs", &format!("{:.2}", median(p99.collect())), "at most 1.5");
    let resident = portico.memory().0 >> 20;
    report("resident under that load", &format!("{resident} MiB"), "at most 350 MB");
}

/// Writes a wrk script that requests a random session each time.
fn script(folder: &Path, ids: &[String]) -> String {
    let list = folder.join("ids");
    fs::write(&list, ids.join("\n")).unwrap();
    let script = folder.join("sessions.lua");
    let text = format!(
        "local ids = {{}}\n\
         function init(args)\n\
           for id in io.lines({:?}) do ids[#ids + 1] = 'portico_session=' .. id end\n\
           math.randomseed(os.time())\n\
         end\n\
         function request()\n\
           wrk.headers['Cookie'] = ids[math.random(#ids)]\n\
           return wrk.format('GET', '/api/session')\n\
         end\n",
        list.display().to_string()
    );
    fs::write(&script, text).unwrap();
    script.display().to_string()
}

/// Starts a warp server with a constant response.
fn bare_warp(body: String) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let route = warp::path!("api" / "session")
        .and(warp::get())
        .map(move || warp::reply::with_header(body.clone(), "content-type", "application/json"));
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    tokio::spawn(warp::serve(route).incoming(listener).run());
    format!("http://{address}")
}

async fn load(base: &str, script: &str) -> Load {
    let output = Command::new("wrk")
        .args(["--threads", "1", "--connections", CONNECTIONS, "--duration", SECONDS, "--latency"])
        .args(["--script", script, &format!("{base}/api/session")])
        .output()
        .await
        .expect("wrk is missing: scripts/setup bench installs it");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("Non-2xx"), "{text}");
    let after = |label: &str| -> String {
        let line = text.lines().find(|line| line.trim_start().starts_with(label));
        line.unwrap_or_else(|| panic!("{text}")).split_whitespace().last().unwrap().to_owned()
    };
    Load {
        requests_per_second: after("Requests/sec:").parse().unwrap(),
        p99_ms: milliseconds(&after("99%")),
    }
}

/// Parses wrk's durations: `850.00us`, `1.20ms`, `0.98s`.
fn milliseconds(text: &str) -> f64 {
    let (number, factor) = match text {
        _ if text.ends_with("us") => (text.trim_end_matches("us"), 0.001),
        _ if text.ends_with("ms") => (text.trim_end_matches("ms"), 1.0),
        _ => (text.trim_end_matches('s'), 1_000.0),
    };
    number.parse::<f64>().unwrap() * factor
}
