//! Files that hold no usable credential: at the start, and in place of one that is in use.

use portico_e2e::{Portico, start_and_fail};
use rstest::rstest;

use super::*;

const TOKEN: &str = "AZURE_FEDERATED_TOKEN_FILE";
const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE_PATH";

/// The kinds of wrong files.
fn wrong(kind: &str) -> String {
    let section = |pem: &str, kind: &str| {
        let (begin, end) = (format!("-----BEGIN {kind}-----"), format!("-----END {kind}-----"));
        let from = pem.find(&begin).unwrap();
        let to = pem.find(&end).unwrap() + end.len();
        format!("{}\n", &pem[from..to])
    };
    match kind {
        "expired" => ClientKey::certificate(SystemTime::now() - DAY).unwrap().pem,
        "encrypted" => certificate().pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
        "mixed" => {
            let (key, other) = (certificate().pem, certificate().pem);
            section(&key, "PRIVATE KEY") + &section(&other, "CERTIFICATE")
        }
        "half" => {
            let pem = certificate().pem;
            pem[..pem.len() - 200].to_owned()
        }
        "curve" => ClientKey::p256().unwrap().pem,
        "empty" => "\r\n".to_owned(),
        "huge" => "a.b.".to_owned() + &"c".repeat(65 << 10),
        "two lines" => format!("{}\n{}", workload().token(60), workload().token(60)),
        "half a token" => workload().token(60).rsplit_once('.').unwrap().0.to_owned(),
        "page" => "<html>moved</html>".to_owned(),
        _ => unreachable!("{kind}"),
    }
}

#[rstest]
#[case::expired(CERTIFICATE, "expired", "its certificate expired at")]
#[case::encrypted(CERTIFICATE, "encrypted", "its key is encrypted")]
#[case::mixed(CERTIFICATE, "mixed", "its private key is not that of its certificate")]
#[case::half(CERTIFICATE, "half", "it is not whole")]
#[case::curve(CERTIFICATE, "curve", "its key is an elliptic curve's")]
#[case::empty_certificate(CERTIFICATE, "empty", "it is empty")]
#[case::huge_certificate(CERTIFICATE, "huge", "it has more than 65536 bytes")]
#[case::empty(TOKEN, "empty", "it is empty")]
#[case::huge(TOKEN, "huge", "it has more than 65536 bytes")]
#[case::two_lines(TOKEN, "two lines", "it is no JSON Web Token")]
#[case::half_a_token(TOKEN, "half a token", "it is no JSON Web Token")]
#[case::page(TOKEN, "page", "it is no JSON Web Token")]
#[tokio::test]
async fn unusable_credential_file_stops_the_start_with_its_fault(
    #[case] variable: &str,
    #[case] kind: &str,
    #[case] fault: &str,
) {
    let (_emulator, folder, mut settings) = emulator().await;
    let text = wrong(kind);
    let file = set_file(&mut settings, folder.path(), variable, &text);
    let (exit, log) = start_and_fail(&settings).await;
    assert_eq!(exit, Some(2), "{log}");
    let named = format!("{variable} names {}: ", file.display());
    assert!(log.contains(&named) && log.contains(fault), "{log}");
    assert!(!text.lines().any(|line| line.len() > 20 && log.contains(line)), "{log}");
}

#[tokio::test]
async fn missing_or_second_credential_stops_the_start() {
    let (_emulator, folder, mut settings) = emulator().await;
    settings.unset("AZURE_CLIENT_SECRET");
    let (exit, log) = start_and_fail(&settings).await;
    assert_eq!(exit, Some(2), "{log}");
    for text in ["AZURE_CLIENT_SECRET is missing", "AZURE_CLIENT_SECRET_FILE", TOKEN, CERTIFICATE] {
        assert!(log.contains(text), "{log}");
    }
    set_file(&mut settings, folder.path(), CERTIFICATE, &certificate().pem);
    settings.set("AZURE_CLIENT_SECRET", "hush");
    let (exit, log) = start_and_fail(&settings).await;
    assert_eq!(exit, Some(2), "{log}");
    let both = format!("AZURE_CLIENT_SECRET and {CERTIFICATE} are both set: keep one of them.");
    assert!(log.contains(&both), "{log}");
    settings.set(TOKEN, "token");
    let (_, log) = start_and_fail(&settings).await;
    let all = format!("AZURE_CLIENT_SECRET, {TOKEN} and {CERTIFICATE} are all set");
    assert!(log.contains(&all), "{log}");
}

#[rstest]
#[case::expired(CERTIFICATE, "expired")]
#[case::encrypted(CERTIFICATE, "encrypted")]
#[case::mixed(CERTIFICATE, "mixed")]
#[case::half(CERTIFICATE, "half")]
#[case::empty(TOKEN, "empty")]
#[case::huge(TOKEN, "huge")]
#[case::half_a_token(TOKEN, "half a token")]
#[tokio::test]
async fn unusable_credential_file_is_logged_once_and_the_previous_one_kept(
    #[case] variable: &str,
    #[case] kind: &str,
) {
    let (emulator, folder, mut settings) = emulator().await;
    let (key, workload) = (certificate(), workload());
    emulator.register(None, vec![key.registration.clone(), workload.registration()]);
    let right = if variable == TOKEN { workload.token(3_600) } else { key.pem };
    let file = set_file(&mut settings, folder.path(), variable, &right);
    let portico = Portico::start(&settings).await;
    let wrong = wrong(kind);
    replace(&file, &wrong);
    let kept = "the configuration cannot be read again: the previous one stays in use";
    portico.logged(|it| it.log().contains(kept)).await;
    assert_signs_in(&portico.base).await;
    // The same fault in another file, which a refused login reads too.
    replace(&file, &wrong);
    emulator.register(None, vec![]);
    assert_eq!(failure(&portico.base, "azure").await.as_deref(), Some("registration_refused"));
    emulator.register(None, vec![key.registration.clone(), workload.registration()]);
    replace(&file, &right);
    assert_signs_in(&portico.base).await;
    let log = portico.log();
    assert_eq!(log.matches(kept).count(), 1, "{log}");
}
