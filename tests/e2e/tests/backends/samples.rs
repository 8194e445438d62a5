//! The backends of docs/samples, as they stand: they list with what Portico gives them.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use super::*;

/// A running backend, which ends with the test.
struct Sample {
    child: Child,
    url: String,
}

impl Sample {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}"));
        Self { url: url.to_owned(), child }
    }

    async fn get(&self, jwt: &str) -> (StatusCode, Value) {
        let response = send(Method::GET, &self.url, |request| request.bearer_auth(jwt)).await;
        (response.status, response.json())
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn configured<'a>(command: &'a mut Command, world: &World, ca: &Path) -> &'a mut Command {
    command
        .env("PORTICO_URL", world.base())
        .env("PORTICO_CLIENT_ID", "costs")
        .env("RESOURCE", &world.resource)
        .env("PORT", "0")
        .env("REQUESTS_CA_BUNDLE", ca)
        .env("NODE_EXTRA_CA_CERTS", ca)
}

/// The certificate authority of the clouds, in a file, and their address over https.
fn https(world: &World) -> (std::path::PathBuf, String) {
    let ca = world.inner.folder.path().join("ca.pem");
    fs::write(&ca, world.inner.emulator.ca_certificate_pem().unwrap()).unwrap();
    let url = world.inner.emulator.https_url().unwrap().as_str().trim_end_matches('/').to_owned();
    (ca, url)
}

/// Lists, signs out, and is refused.
async fn assert_lists_until_the_sign_out(world: &World, sample: &Sample) {
    let mut person = zofia(world).await;
    let jwt = jwt(world, &mut person, COSTS).await;
    let (status, listed) = sample.get(&jwt).await;
    assert_eq!(status, StatusCode::OK, "{listed}");
    let session = person.session(world.base()).await.json();
    let listed: Vec<_> = listed.as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert!(!listed.is_empty());
    assert_eq!(json!(listed), session["accounts"][0]["subscriptions"]);
    let (url, origin) = (format!("{}/api/logout", world.base()), world.base().to_owned());
    person.post(&url, &origin).await;
    assert_eq!(sample.get(&jwt).await.0, StatusCode::UNAUTHORIZED);
}

/// With Microsoft's client library.
#[tokio::test]
async fn python_backend_lists_with_the_azure_sdk() {
    let world = World::new().await;
    let (ca, cloud) = https(&world);
    let mut command = Command::new(root().join(".venv/bin/python"));
    command.arg(root().join("docs/samples/backend.py")).env("PORTICO_CLIENT_SECRET", SECRET);
    let sample = Sample::start(configured(&mut command, &world, &ca).env("CLOUD_URL", cloud));
    assert_lists_until_the_sign_out(&world, &sample).await;
}

#[tokio::test]
async fn node_backend_lists_with_a_key_instead_of_a_secret() {
    let (world, _) = clients::keyed_world().await;
    let (ca, cloud) = https(&world);
    let mut command = Command::new("node");
    let key = world.inner.folder.path().join("backend.pem");
    command.arg(root().join("docs/samples/backend.mjs")).env("PORTICO_CLIENT_KEY_FILE", key);
    let sample = Sample::start(configured(&mut command, &world, &ca).env("CLOUD_URL", cloud));
    assert_lists_until_the_sign_out(&world, &sample).await;
}
