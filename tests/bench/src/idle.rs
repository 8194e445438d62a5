//! Start time and idle resident memory.

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use portico_e2e::{Emulator, Options, Portico, Settings};

use crate::{median, report};

const STARTS: usize = 11;

/// Measures the start several times, then memory when idle.
pub(crate) async fn measure() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut first_answers = Vec::new();
    for _ in 0..STARTS {
        let settings = Settings::new(&emulator, folder.path());
        let started = Instant::now();
        let (portico, ()) = tokio::join!(Portico::start(&settings), first_answer(&settings.base));
        first_answers.push(started.elapsed().as_secs_f64() * 1_000.0);
        assert!(portico.stop().await.success());
    }
    let figure = format!("{:.0} ms", median(first_answers));
    report("start to first answer, median", &figure, "under 100 ms");

    let portico = Portico::start(&Settings::new(&emulator, folder.path())).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let resident = portico.memory().0 >> 20;
    report("resident and idle", &format!("{resident} MiB"), "under 40 MB");
}

pub(crate) async fn first_answer(base: &str) {
    let address = base.trim_start_matches("http://").to_owned();
    // Polls by connecting, which is cheap; the measured time ends with the HTTP response.
    while TcpStream::connect(&address).is_err() {
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    let answer = portico_e2e::Browser::default().get(format!("{base}/readyz")).await;
    assert_eq!(answer.status.as_u16(), 200);
}
