//! Irregular files, symbolic links, and file names with control characters, in the folder of plug-ins and
//! in other places in which Portico reads or writes files.

use std::{
    fs::{self, File},
    os::unix::{
        ffi::OsStrExt,
        fs::{PermissionsExt, symlink},
        net::UnixListener,
    },
    path::Path,
    process::{Command, Output},
};

use portico_e2e::{
    Browser, Emulator, Options, Portico, Settings, personas, plugins, start_and_fail,
};
use portico_hostile::tried;
use rstest::rstest;

/// Runs `portico` with these arguments in this folder.
fn portico(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = plugins::command(&folder.join("providers.d"), plugins::KEYS);
    command.args(arguments).current_dir(folder).output().unwrap()
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Replaces plug-ins with irregular files, links and a file over the size limit. Returns the names of the
/// plug-ins and a part of each expected error.
fn replace_with_irregular_files(folder: &Path) -> [(&'static str, &'static str); 6] {
    let at = |name: &str| folder.join("providers.d").join(format!("{name}.wasm"));
    for name in ["aws", "azure", "digitalocean", "github", "google", "oidc"] {
        fs::remove_file(at(name)).unwrap();
    }
    fifo(&at("aws"));
    drop(UnixListener::bind(at("azure")).unwrap());
    fs::create_dir(at("digitalocean")).unwrap();
    symlink("/dev/zero", at("github")).unwrap();
    symlink(at("google"), at("google")).unwrap();
    File::create(at("oidc")).unwrap().set_len(100 << 30).unwrap();
    let irregular = "it is no regular file";
    [
        ("aws", irregular),
        ("azure", irregular),
        ("digitalocean", irregular),
        ("github", irregular),
        ("google", "symbolic links"),
        ("oidc", "it has more than 67108864 bytes"),
    ]
}

#[tokio::test]
async fn irregular_files_in_plug_in_folder_are_reported_and_do_not_stop_the_start() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    plugins::grant(folder.path(), &["aws", "azure", "digitalocean", "github", "google", "oidc"]);
    let replaced = replace_with_irregular_files(folder.path());
    let listed = portico(folder.path(), &["provider", "list"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    for (name, reason) in replaced {
        let lines = listed.lines().skip_while(|line| !line.starts_with(name)).take(2);
        let lines: Vec<_> = lines.collect();
        assert!(lines.len() == 2 && lines[1].contains(reason), "{name}: {lines:?} in {listed}");
    }

    let mut settings = Settings::new(&emulator, folder.path());
    settings.set("PORTICO_KEYS", plugins::KEYS);
    let portico = Portico::start(&settings).await;
    let mut browser = Browser::default();
    let response = browser.sign_in(&portico.base, personas::ZOFIA.user_name).await;
    assert_eq!(response.status, 302, "{response:?}");
    assert!(portico.memory().1 < 512 << 20, "{:?}", portico.memory());

    // The same while Portico is running.
    let lock = folder.path().join("providers.d/providers.lock");
    fs::remove_file(&lock).unwrap();
    fifo(&lock);
    while !portico.log().contains("providers.lock cannot be read (it is no regular file)") {
        tokio::task::yield_now().await;
    }
    assert_eq!(browser.session(&portico.base).await.status, 200);
    tried(replaced.len() + 1);
}

/// The value `pipe` stands for the path of a FIFO; in the last case the key file of the store is one.
#[rstest]
#[case::configuration_pipe("PORTICO_CONFIG", "pipe", 2)]
#[case::configuration_device("PORTICO_CONFIG", "/dev/zero", 2)]
#[case::client_secret_pipe("AZURE_CLIENT_SECRET_FILE", "pipe", 2)]
#[case::client_secret_device("AZURE_CLIENT_SECRET_FILE", "/dev/zero", 2)]
#[case::keys_pipe("PORTICO_KEYS_FILE", "pipe", 2)]
#[case::key_pipe_in_the_store("PORTICO_STORE", "sled:sessions", 1)]
#[tokio::test]
async fn irregular_configuration_secret_and_key_files_are_reported_without_blocking(
    #[case] variable: &str,
    #[case] value: &str,
    #[case] exit_code: i32,
) {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    fifo(&pipe);
    let mut settings = Settings::new(&emulator, folder.path());
    match variable {
        "AZURE_CLIENT_SECRET_FILE" => drop(settings.set("AZURE_CLIENT_SECRET", "")),
        "PORTICO_STORE" => {
            fs::create_dir(folder.path().join("sessions")).unwrap();
            fifo(&folder.path().join("sessions/portico.keys"));
        }
        _ => {}
    }
    settings.set(variable, if value == "pipe" { pipe.to_str().unwrap() } else { value });
    let (exit, log) = start_and_fail(&settings).await;
    assert_eq!(exit, Some(exit_code), "{log}");
    assert!(log.contains("it is no regular file"), "{log}");
    tried(1);
}

#[test]
fn file_names_with_control_characters_are_escaped_in_output() {
    let folder = tempfile::tempdir().unwrap();
    let plugins_folder = folder.path().join("providers.d");
    fs::create_dir(&plugins_folder).unwrap();
    let names: [&[u8]; 6] = [
        b"\x1b[2J\x1b]0;owned\x07.wasm",
        b"a\nazure            1.0.0        offered.wasm",
        "\u{202e}txt\u{2066}.wasm".as_bytes(),
        b"\xff\xfe\xc2\x9b31m.wasm",
        b"b\rgithub offered.wasm",
        b"c\x08\x7f\x00d.wasm".split(|byte| *byte == 0).next().unwrap(),
    ];
    for name in names {
        let mut name = name.to_vec();
        if !name.ends_with(b".wasm") {
            name.extend(b".wasm");
        }
        fs::write(plugins_folder.join(std::ffi::OsStr::from_bytes(&name)), "").unwrap();
    }
    for arguments in [&["provider", "list"][..], &["provider", "list", "--json"]] {
        let output = portico(folder.path(), arguments);
        for bytes in [output.stdout, output.stderr] {
            let text = String::from_utf8(bytes).unwrap();
            let unescaped = text.chars().find(|c| {
                (c.is_control() && *c != '\n') || matches!(c, '\u{202e}' | '\u{2066}' | '\u{9b}')
            });
            assert_eq!(unescaped, None, "{text:?}");
            assert!(!text.lines().any(|line| line.starts_with("azure")), "{text}");
        }
    }
    tried(names.len());
}

#[test]
fn writes_do_not_follow_symbolic_links() {
    let folder = tempfile::tempdir().unwrap();
    let plugins_folder = folder.path().join("providers.d");
    fs::create_dir(&plugins_folder).unwrap();
    let target = folder.path().join("target");
    fs::write(&target, "unchanged").unwrap();
    let output = folder.path().join("packed.wasm");
    for name in ["github.wasm", "github.wasm.new", "providers.lock.new"] {
        symlink(&target, plugins_folder.join(name)).unwrap();
    }
    for name in ["packed.wasm", "packed.wasm.new"] {
        symlink(&target, folder.path().join(name)).unwrap();
    }
    let file = plugins::built("github");
    let added = portico(folder.path(), &["provider", "add", "--yes", file.to_str().unwrap()]);
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    assert!(fs::symlink_metadata(plugins_folder.join("github.wasm")).unwrap().is_file());

    let build = file.ancestors().nth(2).unwrap();
    let module = "guests/wasm32-unknown-unknown/release/portico_provider_github.wasm";
    let module = build.join(module);
    let packed = portico(
        folder.path(),
        &["provider", "pack", module.to_str().unwrap(), "-o", output.to_str().unwrap()],
    );
    assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
    assert!(fs::symlink_metadata(&output).unwrap().is_file());
    assert_eq!(fs::read_to_string(&target).unwrap(), "unchanged");
    let mode = fs::metadata(plugins_folder.join("github.wasm")).unwrap().permissions().mode();
    assert_eq!(mode & 0o133, 0, "{mode:o}");
    tried(5);
}
