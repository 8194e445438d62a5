//! The options of the program.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use portico_emulator::personas::FABRIKAM;
use rstest::rstest;
use serde_json::{Value, json};

/// Ends the program when dropped.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portico-emulator"));
    command.args(["--http", "127.0.0.1:0"]).args(arguments);
    command
}

#[tokio::test]
async fn options_set_refusals_and_tokens_at_start() {
    let refuse = format!("{}=mfa_enrollment", FABRIKAM.id);
    let options = [
        "--refuse",
        &refuse,
        "--access-token-lifetime",
        "7",
        "--single-use-refresh-tokens",
        "--session-ids",
    ];
    let mut program = Program(command(&options).stdout(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(program.0.stdout.take().unwrap()).lines();
    let mut lines = lines.map(Result::unwrap);
    let url = lines.find_map(|line| line.strip_prefix("listening on ").map(str::to_owned)).unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| -> Value {
        http.get(format!("{url}_emulator/{path}")).send().await.unwrap().json().await.unwrap()
    };
    let refused = json!({ FABRIKAM.id: { "kind": "mfa_enrollment", "error": null } });
    assert_eq!(get("tenants").await, refused);
    let tokens = json!({ "access_token_lifetime": 7, "single_use_refresh_tokens": true, "session_ids": true });
    assert_eq!(get("tokens").await, tokens);
}

#[rstest]
#[case::no_kind(FABRIKAM.id.to_owned(), "TENANT=KIND")]
#[case::unknown_tenant("fabrikam=mfa".to_owned(), "no tenant")]
#[case::unknown_kind(format!("{}=whim", FABRIKAM.id), "unknown variant `whim`")]
fn invalid_refusal_stops_start(#[case] refuse: String, #[case] why: &str) {
    let output = command(&["--refuse", &refuse]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains(why), "{text}");
}
