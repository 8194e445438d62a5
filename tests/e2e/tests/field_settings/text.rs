//! Encoding, blanks and quotes around values, secrets and key files.

use std::{
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::Command,
};

use portico_e2e::{Browser, Portico, personas, plugins, world};
use reqwest::StatusCode;
use rstest::rstest;

use crate::{assert_signs_in, assert_start_refused, settings};

#[rstest]
#[case::bom("\u{feff}", "")]
#[case::crlf("", "\r\n")]
#[case::blanks("", " \t")]
#[case::bom_blanks_and_lines("\u{feff}  ", "\r\n\r\n")]
#[case::no_break_space("", "\u{a0}\n")]
#[case::zero_width_space("\u{200b}", "\u{200b}\n")]
#[tokio::test]
async fn secret_file_is_trimmed_of_bom_blanks_and_line_ends(
    #[case] before: &str,
    #[case] after: &str,
) {
    let (_emulator, folder, mut settings) = settings().await;
    let file = folder.path().join("secret");
    settings.unset("AZURE_CLIENT_SECRET");
    settings.set("AZURE_CLIENT_SECRET_FILE", file.to_str().unwrap());
    let secret = personas::APPLICATION.client_secret;
    fs::write(&file, format!("{before}{secret}{after}")).unwrap();
    let portico = Portico::start(&settings).await;
    assert_signs_in(&portico).await;
}

#[tokio::test]
async fn variables_and_configuration_file_are_trimmed() {
    let (_emulator, folder, mut settings) = settings().await;
    let secret = personas::APPLICATION.client_secret;
    settings.set("AZURE_CLIENT_SECRET", &format!("\u{feff}{secret}\r"));
    settings.set("AZURE_TENANT_ID", "organizations\r\n");
    let file = "\u{feff}session_max = \"12h\"\r\n[azure]\r\nsubscriptions_as = \"user\"\r\n";
    fs::write(folder.path().join("portico.toml"), file).unwrap();
    let portico = Portico::start(&settings).await;
    assert_signs_in(&portico).await;
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[rstest]
#[case::line_break(b"hush\nhush", "another invisible character")]
#[case::nul(b"hush\0hush", "another invisible character")]
#[case::zero_width_space("hush\u{200b}hush".as_bytes(), "another invisible character")]
#[case::quotes(b"\"hush-hush\"", "is in quotes")]
#[case::not_utf_8(b"hush-hush\xc1", "no text in UTF-8")]
#[case::utf_16(&utf_16("hush-hush"), "text in UTF-16: save it in UTF-8")]
#[case::utf_16_with_bom(&[&[0xff, 0xfe], &*utf_16("hush-hush")].concat(), "text in UTF-16: save it in UTF-8")]
#[case::empty(b"\xef\xbb\xbf\r\n", "is empty")]
#[tokio::test]
async fn malformed_secret_file_is_refused_by_name_without_being_shown(
    #[case] bytes: &[u8],
    #[case] reason: &str,
) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, bytes).unwrap();
    let path = file.to_str().unwrap().as_bytes();
    let variables = [("AZURE_CLIENT_SECRET", &b""[..]), ("AZURE_CLIENT_SECRET_FILE", path)];
    let stderr = assert_start_refused(&variables).await;
    assert!(stderr.contains("AZURE_CLIENT_SECRET_FILE"), "{stderr}");
    assert!(stderr.contains(reason) && !stderr.contains("hush"), "{reason}: {stderr}");
}

#[rstest]
#[case::line_break(b"hush\nhush")]
#[case::quotes(b"'hush-hush'")]
#[case::not_utf_8(b"hush-hush\xc1")]
#[tokio::test]
async fn malformed_secret_is_refused_by_name_without_being_shown(#[case] secret: &[u8]) {
    let stderr = assert_start_refused(&[("AZURE_CLIENT_SECRET", secret)]).await;
    assert!(stderr.contains("AZURE_CLIENT_SECRET") && !stderr.contains("hush"), "{stderr}");
}

#[tokio::test]
async fn configuration_file_keeps_trailing_blank_of_a_secret() {
    let (emulator, folder, mut settings) = settings().await;
    settings.unset("AZURE_CLIENT_SECRET");
    let file = folder.path().join("portico.toml");
    let secret = personas::APPLICATION.client_secret;
    fs::write(&file, format!("[azure]\nclient_secret = \"\"\"{secret}\n\"\"\"")).unwrap();
    let portico = Portico::start(&settings).await;
    assert_signs_in(&portico).await;
    portico.stop().await;

    fs::write(&file, format!("[azure]\nclient_secret = \"{secret} \"")).unwrap();
    let portico = Portico::start(&settings).await;
    emulator.clear_requests();
    let response = Browser::default().sign_in(&portico.base, personas::ZOFIA.user_name).await;
    assert_eq!(response.code(), "registration_refused", "the blank was not sent: {response:?}");
}

#[tokio::test]
async fn foreign_variable_that_is_not_utf_8_is_ignored() {
    let (_emulator, _folder, mut settings) = settings().await;
    settings.set_bytes(b"LESSOPEN", b"\xc1\xff").set_bytes(b"\xc1\xff", b"text");
    settings.set_bytes(b"PS1_\xff", b"\xfe");
    let portico = Portico::start(&settings).await;
    assert_signs_in(&portico).await;
}

#[rstest]
#[tokio::test]
async fn own_variable_that_is_not_utf_8_is_refused_by_name(
    #[values("AZURE_TENANT_ID", "PORTICO_LISTEN", "PORTICO_CONFIG", "AZURE_CLIENT_SECRET_FILE")]
    name: &str,
) {
    let stderr = assert_start_refused(&[(name, b"hush\xc1")]).await;
    assert!(stderr.contains(&format!("{name} is not valid UTF-8")), "{stderr}");
    assert!(!stderr.contains("hush"), "{stderr}");
}

#[tokio::test]
async fn key_file_with_bom_or_crlf_still_opens_sessions() {
    let first = world(&[]).await;
    let (base, mut browser) = (first.portico.base.clone(), Browser::default());
    browser.sign_in(&base, personas::ZOFIA.user_name).await;
    first.portico.stop().await;
    let file = key_file(first.folder.path());
    let key = fs::read_to_string(&file).unwrap();
    for edited in [format!("\u{feff}{key}"), format!("{}\r\n\r\n", key.trim())] {
        fs::write(&file, edited).unwrap();
        let portico = Portico::start(&first.settings).await;
        assert_eq!(browser.session(&base).await.status, StatusCode::OK);
        portico.stop().await;
    }
}

/// The key file of the store in this folder.
fn key_file(folder: &Path) -> PathBuf {
    let paths = [folder.join("portico.keys"), folder.join("sessions/portico.keys")];
    paths.into_iter().find(|file| file.exists()).unwrap()
}

#[test]
fn provider_command_ignores_foreign_variable_that_is_not_utf_8() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &[u8]| {
        Command::new(portico_e2e::program("portico"))
            .args(["provider", "list"])
            .env_clear()
            .env("PORTICO_PROVIDERS", folder.path().join("providers.d"))
            .env("PORTICO_STORE", "memory:")
            .env("PORTICO_KEYS", plugins::KEYS)
            .env("PORTICO_CONFIG", "")
            .env(OsStr::from_bytes(name), OsStr::from_bytes(b"\xc1"))
            .output()
            .unwrap()
    };
    assert!(run(b"FOREIGN").status.success());
    assert_eq!(run(b"PORTICO_LISTEN").status.code(), Some(2));
}
