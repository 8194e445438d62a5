//! The files of the store are damaged, or taken away under a running Portico: nobody is answered
//! what a restart would not know, no session that was ended lives again, and the log says so.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt,
    path::Path,
};

use portico_e2e::{
    Browser, Emulator, Options, Portico, Settings, World, assert_refused, hint, personas, world,
};
use portico_hostile::tried;

const GONE: &str = "the store is gone from its folder";
const DAMAGED: &str = "the store was damaged";

async fn signed_in(base: &str) -> Browser {
    let mut browser = Browser::default();
    let answer = browser.sign_in(base, personas::ZOFIA.user_name).await;
    assert_eq!(answer.status.as_u16(), 302, "{answer:?}");
    browser
}

async fn status(browser: &mut Browser, base: &str) -> u16 {
    browser.session(base).await.status.as_u16()
}

/// What is done to the folder of a store, and how it is undone where that can be.
struct Loss {
    what: &'static str,
    lose: fn(&Path),
    undo: Option<fn(&Path)>,
}

fn rename(from: &Path, to: &str) {
    fs::rename(from, from.with_file_name(to)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.metadata().unwrap().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

const LOSSES: &[Loss] = &[
    Loss { what: "removed", lose: |dir| fs::remove_dir_all(dir).unwrap(), undo: None },
    Loss {
        what: "renamed",
        lose: |dir| rename(dir, "elsewhere"),
        undo: Some(|dir| rename(&dir.with_file_name("elsewhere"), "sessions")),
    },
    Loss {
        what: "emptied",
        lose: |dir| {
            for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
                if entry.metadata().unwrap().is_file() {
                    fs::remove_file(entry.path()).unwrap();
                }
            }
        },
        undo: None,
    },
    Loss {
        what: "replaced by a copy",
        lose: |dir| {
            rename(dir, "elsewhere");
            copy(&dir.with_file_name("elsewhere"), dir);
        },
        undo: Some(|dir| {
            fs::remove_dir_all(dir).unwrap();
            rename(&dir.with_file_name("elsewhere"), "sessions");
        }),
    },
    Loss {
        what: "without its data file",
        lose: |dir| rename(&dir.join("db"), "db.old"),
        undo: Some(|dir| rename(&dir.join("db.old"), "db")),
    },
    Loss {
        what: "without its mark",
        lose: |dir| fs::remove_file(dir.join("portico.mark")).unwrap(),
        undo: None,
    },
    Loss {
        what: "without its lock",
        lose: |dir| fs::remove_file(dir.join("portico.lock")).unwrap(),
        undo: None,
    },
];

#[tokio::test]
async fn store_missing_from_its_folder_answers_503_until_restored() {
    for Loss { what, lose, undo } in LOSSES {
        let World { portico, folder, .. } = &world(&[]).await;
        let (base, dir) = (&portico.base, folder.path().join("sessions"));
        let ready = async || Browser::default().get(format!("{base}/readyz")).await.status.as_u16();
        let mut browser = signed_in(base).await;
        let mut halfway = Browser::default();
        let callback = halfway.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;

        lose(&dir);
        // The first thing that anybody asks after it.
        assert_refused(&halfway.get(&callback).await, 503, "store_unavailable");
        assert_eq!(ready().await, 503, "{what}");
        assert_eq!(status(&mut browser, base).await, 503, "{what}");
        let out = browser.post(&format!("{base}/api/logout"), base).await;
        assert_refused(&out, 503, "store_unavailable");
        portico.logged(|it| it.log().contains(GONE)).await;
        assert_eq!(portico.log().matches(GONE).count(), 1, "{what}: {}", portico.log());

        if let Some(undo) = undo {
            undo(&dir);
            assert_eq!(ready().await, 200, "{what}");
            assert_eq!(status(&mut browser, base).await, 200, "{what}");
            signed_in(base).await;
        }
    }
    tried(LOSSES.len());
}

#[tokio::test]
async fn missing_store_is_logged_without_any_request() {
    let World { mut portico, folder, .. } = world(&[]).await;
    rename(&folder.path().join("sessions"), "elsewhere");
    portico.logs(GONE).await;
    tried(1);
}

#[tokio::test]
async fn start_without_store_files_logs_a_new_store() {
    let World { portico, settings, folder, emulator: _emulator } = world(&[]).await;
    let new = "a new store begins";
    assert!(portico.log().contains(new), "{}", portico.log());
    let mut browser = signed_in(&portico.base).await;
    portico.stop().await;
    let portico = Portico::start(&settings).await;
    assert!(!portico.log().contains(new), "{}", portico.log());
    portico.stop().await;
    fs::remove_dir_all(folder.path().join("sessions")).unwrap();
    let portico = Portico::start(&settings).await;
    assert!(portico.log().contains(new), "{}", portico.log());
    assert_eq!(status(&mut browser, &portico.base).await, 401);
    tried(1);
}

/// Whoever was signed in is so, and whoever has signed out is not; or everybody has to sign in
/// again, and the log says why.
#[tokio::test]
async fn flipped_store_byte_is_harmless_or_logged_and_ends_all_sessions() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let (folder, bytes) = (tempfile::tempdir().unwrap(), 24);
    let original = folder.path().join("original");
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_STORE", "sled:original");
    let portico = Portico::start(&settings).await;
    let mut stay = [signed_in(&portico.base).await, signed_in(&portico.base).await];
    let mut left = [signed_in(&portico.base).await, signed_in(&portico.base).await];
    for browser in &mut left {
        let cookie = browser.cookie(&portico.base, "portico_session").unwrap();
        let out = browser.post(&format!("{}/api/logout", portico.base), &portico.base).await;
        assert_eq!(out.status.as_u16(), 204);
        browser.set_cookie(&portico.base, "portico_session", &cookie);
    }
    portico.stop().await;
    let length = fs::metadata(original.join("db")).unwrap().len();
    let mut damaged = 0;
    for number in 0..bytes {
        let name = format!("copy-{number}");
        copy(&original, &folder.path().join(&name));
        let data =
            OpenOptions::new().read(true).write(true).open(folder.path().join(&name).join("db"));
        let (data, at, mut byte) = (data.unwrap(), 40 + number * (length - 40) / bytes, [0]);
        data.read_exact_at(&mut byte, at).unwrap();
        data.write_all_at(&[byte[0] ^ 0x10], at).unwrap();

        settings.set("PORTICO_STORE", &format!("sled:{name}"));
        let portico = Portico::start(&settings).await;
        let said = portico.log().contains(DAMAGED);
        damaged += u64::from(said);
        for browser in &mut stay {
            let expected = if said { 401 } else { 200 };
            assert_eq!(status(browser, &portico.base).await, expected, "byte {at}");
        }
        for browser in &mut left {
            assert_eq!(
                status(browser, &portico.base).await,
                401,
                "byte {at}: an ended session lives"
            );
        }
        // The next one listens at the same address.
        portico.stop().await;
    }
    println!("{damaged} of {bytes} changed bytes were noticed, the others harmless");
    assert!(damaged > 0);
    tried(usize::try_from(bytes).unwrap());
}
