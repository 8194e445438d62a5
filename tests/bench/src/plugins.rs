//! Cost of the sandbox: the calls of one login, linked and as a component, and a start with all
//! plug-ins that Portico ships.

use std::time::Instant;

use portico_azure::AzureProvider;
use portico_domain::{
    identity::{Identity, Subject, TenantId},
    ports::CloudProvider,
    provider::{Linked, Person, Reply, Response, Settings, Step},
};
use portico_e2e::{Cloud, Emulator, Options, Portico, Settings as Environment, personas, plugins};
use portico_wasm::{Limits, Plugin, Sandbox};
use serde_json::json;

use crate::{idle::first_answer, median, report};

const LOGINS: usize = 500;
const STARTS: usize = 11;

/// Measures calls and starts.
pub(crate) async fn measure() {
    let azure = azure_settings();
    let linked = Linked::<AzureProvider>::new(azure.clone()).unwrap();
    let zofia = person(personas::CONTOSO.id, personas::ZOFIA.home().oid);
    let linked = measure_calls(&linked, &zofia).await;
    let component = measure_calls(&*load_plugin("azure", azure).await, &zofia).await;
    report("calls of one login, linked Azure", &micros(linked), "");
    report("the same, Azure as a component", &micros(component), "");
    report("more than linked", &micros(component - linked), "at most 200 µs");
    let zofia = person("cloud.example", "4201001");
    for (name, language) in [("gitlab", "JavaScript"), ("heroku", "Python")] {
        let provider = load_plugin(name, Settings::default()).await;
        let what = format!("the same, {name} in {language}, one page");
        report(&what, &micros(measure_calls(&*provider, &zofia).await), "");
    }
    measure_starts().await;
}

fn micros(seconds: f64) -> String {
    format!("{:.0} µs", seconds * 1e6)
}

fn azure_settings() -> Settings {
    Settings::from_iter([("tenant-id", personas::CONTOSO.id)])
}

fn person(tenant: &str, subject: &str) -> Person {
    let identity = Identity {
        subject: Subject::parse(subject).unwrap(),
        tenant: TenantId::parse(tenant).unwrap(),
        display_name: personas::ZOFIA.name.into(),
        username: None,
    };
    Person { identity, token_reply: vec![] }
}

async fn load_plugin(name: &str, settings: Settings) -> Box<dyn CloudProvider> {
    let sandbox = Sandbox::new().unwrap();
    let compiled = sandbox.compile(&std::fs::read(plugins::built(name)).unwrap()).unwrap();
    let plugin = Plugin::load(&sandbox, &compiled, Limits::default()).await.unwrap();
    Box::new(plugin.configure(settings).await.unwrap())
}

/// The median time in seconds of all calls of one listing.
async fn measure_calls(provider: &dyn CloudProvider, person: &Person) -> f64 {
    let mut times = Vec::new();
    for _ in 0..LOGINS {
        let started = Instant::now();
        let mut listing = provider.list(person).await.unwrap();
        let mut responses = Vec::new();
        while let Step::Fetch { requests, .. } = listing.next(responses).await.unwrap() {
            responses = requests.iter().map(|it| page(it.id, it.url.as_str())).collect();
        }
        drop(listing);
        times.push(started.elapsed().as_secs_f64());
    }
    median(times)
}

/// Azure's three pages; an empty list for other providers.
fn page(id: u32, url: &str) -> Response {
    let body = if url.contains("/subscriptions") {
        let entry =
            |n: u32| json!({"subscriptionId": format!("{id}-{n}"), "displayName": "Production"});
        let entries: Vec<_> = (0..3).map(entry).collect();
        let next =
            (id < 3).then(|| format!("https://management.azure.com/subscriptions?page={id}"));
        json!({"value": entries, "nextLink": next})
    } else {
        json!([])
    };
    let reply = Reply { status: 200, headers: vec![], body: body.to_string() };
    Response { id, outcome: Ok(reply) }
}

async fn measure_starts() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    plugins::grant(folder.path(), &plugins::ALL);
    let mut first_answers = Vec::new();
    for _ in 0..STARTS {
        let mut settings = Environment::new(&emulator, folder.path());
        settings.set("PORTICO_KEYS", plugins::KEYS);
        for cloud in Cloud::ALL {
            for (name, value) in cloud.plugin_variables(emulator.http_url()) {
                settings.set(&name, &value);
            }
        }
        let started = Instant::now();
        let (portico, ()) = tokio::join!(Portico::start(&settings), first_answer(&settings.base));
        first_answers.push(started.elapsed().as_secs_f64() * 1_000.0);
        assert!(portico.stop().await.success());
    }
    let figure = format!("{:.0} ms", median(first_answers));
    report("start with eight plug-ins from the compiled cache", &figure, "at most 150 ms");
}
