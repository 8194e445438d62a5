//! The store's files are damaged, or removed under a running Portico: nothing is acknowledged that
//! the next start would not find, no ended session becomes live again, and the log reports it.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt,
    path::Path,
};

use portico_e2e::{
    Browser, Emulator, Options, Portico, Settings, World, assert_refused, hint, personas, world,
};
use portico_hostile::tried;
use rstest::rstest;

/// Log lines.
const GONE: &str = "the store is gone from its folder";
const DAMAGED: &str = "the store was damaged";

async fn signed_in(base: &str) -> Browser {
    let mut browser = Browser::default();
    let response = browser.sign_in(base, personas::ZOFIA.user_name).await;
    assert_eq!(response.status.as_u16(), 302, "{response:?}");
    browser
}

async fn status(browser: &mut Browser, base: &str) -> u16 {
    browser.session(base).await.status.as_u16()
}

/// A change to a store's folder, and its reverse if there is one.
struct Loss {
    apply: fn(&Path),
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

const REMOVED: Loss = Loss { apply: |dir| fs::remove_dir_all(dir).unwrap(), undo: None };
const RENAMED: Loss = Loss {
    apply: |dir| rename(dir, "elsewhere"),
    undo: Some(|dir| rename(&dir.with_file_name("elsewhere"), "sessions")),
};
const EMPTIED: Loss = Loss {
    apply: |dir| {
        for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
            if entry.metadata().unwrap().is_file() {
                fs::remove_file(entry.path()).unwrap();
            }
        }
    },
    undo: None,
};
const REPLACED_BY_COPY: Loss = Loss {
    apply: |dir| {
        rename(dir, "elsewhere");
        copy(&dir.with_file_name("elsewhere"), dir);
    },
    undo: Some(|dir| {
        fs::remove_dir_all(dir).unwrap();
        rename(&dir.with_file_name("elsewhere"), "sessions");
    }),
};
const WITHOUT_DATA_FILE: Loss = Loss {
    apply: |dir| rename(&dir.join("db"), "db.old"),
    undo: Some(|dir| rename(&dir.join("db.old"), "db")),
};
const WITHOUT_MARK: Loss =
    Loss { apply: |dir| fs::remove_file(dir.join("portico.mark")).unwrap(), undo: None };
const WITHOUT_LOCK: Loss =
    Loss { apply: |dir| fs::remove_file(dir.join("portico.lock")).unwrap(), undo: None };

#[rstest]
#[case::removed(REMOVED)]
#[case::renamed(RENAMED)]
#[case::emptied(EMPTIED)]
#[case::replaced_by_copy(REPLACED_BY_COPY)]
#[case::without_data_file(WITHOUT_DATA_FILE)]
#[case::without_mark(WITHOUT_MARK)]
#[case::without_lock(WITHOUT_LOCK)]
#[tokio::test]
async fn store_missing_from_its_folder_answers_503_until_restored(#[case] loss: Loss) {
    let World { portico, folder, .. } = &world(&[]).await;
    let (base, dir) = (&portico.base, folder.path().join("sessions"));
    let ready = async || Browser::default().get(format!("{base}/readyz")).await.status.as_u16();
    let mut browser = signed_in(base).await;
    let mut halfway = Browser::default();
    let callback = halfway.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;

    (loss.apply)(&dir);
    // The first request after the loss.
    assert_refused(&halfway.get(&callback).await, 503, "store_unavailable");
    assert_eq!(ready().await, 503);
    assert_eq!(status(&mut browser, base).await, 503);
    let logout = browser.post(&format!("{base}/api/logout"), base).await;
    assert_refused(&logout, 503, "store_unavailable");
    portico.logged(|it| it.log().contains(GONE)).await;
    assert_eq!(portico.log().matches(GONE).count(), 1, "{}", portico.log());

    if let Some(undo) = loss.undo {
        undo(&dir);
        assert_eq!(ready().await, 200);
        assert_eq!(status(&mut browser, base).await, 200);
        signed_in(base).await;
    }
    tried(1);
}

#[tokio::test]
async fn missing_store_is_logged_without_any_request() {
    let World { mut portico, folder, .. } = world(&[]).await;
    rename(&folder.path().join("sessions"), "elsewhere");
    portico.wait_for_log(GONE).await;
    tried(1);
}

#[tokio::test]
async fn start_without_store_files_logs_a_new_store() {
    let World { portico, settings, folder, emulator: _emulator } = world(&[]).await;
    let line = "a new store was created";
    assert!(portico.log().contains(line), "{}", portico.log());
    let mut browser = signed_in(&portico.base).await;
    portico.stop().await;
    let portico = Portico::start(&settings).await;
    assert!(!portico.log().contains(line), "{}", portico.log());
    portico.stop().await;
    fs::remove_dir_all(folder.path().join("sessions")).unwrap();
    let portico = Portico::start(&settings).await;
    assert!(portico.log().contains(line), "{}", portico.log());
    assert_eq!(status(&mut browser, &portico.base).await, 401);
    tried(1);
}

/// Either the sessions are as before, or all of them have ended and the log says why.
#[tokio::test]
async fn flipped_store_byte_is_harmless_or_logged_and_ends_all_sessions() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let (folder, bytes) = (tempfile::tempdir().unwrap(), 24);
    let original = folder.path().join("original");
    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_STORE", "sled:original");
    let portico = Portico::start(&settings).await;
    let mut live = [signed_in(&portico.base).await, signed_in(&portico.base).await];
    let mut ended = [signed_in(&portico.base).await, signed_in(&portico.base).await];
    for browser in &mut ended {
        let cookie = browser.cookie(&portico.base, "portico_session").unwrap();
        let logout = browser.post(&format!("{}/api/logout", portico.base), &portico.base).await;
        assert_eq!(logout.status.as_u16(), 204);
        browser.set_cookie(&portico.base, "portico_session", &cookie);
    }
    portico.stop().await;
    let length = fs::metadata(original.join("db")).unwrap().len();
    let mut detected = 0;
    for number in 0..bytes {
        let name = format!("copy-{number}");
        copy(&original, &folder.path().join(&name));
        let at = 40 + number * (length - 40) / bytes;
        flip_bit(&folder.path().join(&name).join("db"), at);

        settings.set("PORTICO_STORE", &format!("sled:{name}"));
        let portico = Portico::start(&settings).await;
        let is_detected = portico.log().contains(DAMAGED);
        detected += u64::from(is_detected);
        for browser in &mut live {
            let expected = if is_detected { 401 } else { 200 };
            assert_eq!(status(browser, &portico.base).await, expected, "byte {at}");
        }
        for browser in &mut ended {
            let status = status(browser, &portico.base).await;
            assert_eq!(status, 401, "byte {at}: an ended session is live");
        }
        // The next instance listens on the same address.
        portico.stop().await;
    }
    println!("{detected} of {bytes} changed bytes were detected, the others harmless");
    assert!(detected > 0);
    tried(usize::try_from(bytes).unwrap());
}

fn flip_bit(path: &Path, at: u64) {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
}
