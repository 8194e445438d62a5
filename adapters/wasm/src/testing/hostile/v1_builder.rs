//! Builds a plug-in of interface 1.0.0, to test that such plug-ins still run, and that they cannot sign
//! people in another way than the operator agreed to.

use super::{
    lower::{Flat, Heap, byte, empty_list, number, option, option_text, record, variant},
    plugin_builder,
};
use crate::bindings::v1::exports::portico::provider::provider as v1;

const WIT: &str = include_str!("../../../../../providers/wit/v1/provider.wit");
const INTERFACE: &str = "portico:provider/provider@1.0.0";
/// Sizes of records in options and variants, in bytes.
const PEOPLE: usize = 20;
const RECORD: usize = 24;
const PLAIN: usize = 64;
const OUTCOME: usize = 32;

/// Identifies `zofia` of `contoso`, sends one request, then lists one project.
pub(crate) struct V1PluginBuilder {
    /// Its sign-in without a tenant, with a tenant that begins with `a`, as the first probe tenant
    /// does, and with any other.
    pub(crate) sign_ins: [v1::SignIn; 3],
    /// Whether `create` refuses tenants.
    pub(crate) refuses_tenants: bool,
    /// Whether `sign-in` traps.
    pub(crate) traps_in_sign_in: bool,
    pub(crate) people: Option<v1::People>,
}

impl V1PluginBuilder {
    /// A plug-in that returns this sign-in for each tenant.
    pub(crate) fn with_sign_in(sign_in: impl Fn(Option<&str>) -> v1::SignIn) -> Self {
        let [one, other] = crate::upgrade::sign_in::PROBE_TENANTS;
        Self {
            sign_ins: [sign_in(None), sign_in(Some(one)), sign_in(Some(other))],
            refuses_tenants: false,
            traps_in_sign_in: false,
            people: Some(v1::People { subject: "/sub".into(), tenant: None }),
        }
    }

    /// OAuth without an ID token, at fixed URLs.
    pub(crate) fn plain() -> v1::SignIn {
        v1::SignIn {
            endpoints: v1::Endpoints::Plain(v1::PlainEndpoints {
                issuer: "https://login.example".into(),
                authorization: "https://login.example/authorize".into(),
                token: "https://token.example/token".into(),
                end_session: None,
                user_record: Some(v1::UserRecord {
                    url: "https://api.example/v1/me".into(),
                    headers: vec![],
                    grant: "list".into(),
                }),
            }),
            tenant_claim: None,
            scopes: vec!["read".into()],
            parameters: vec![("prompt".into(), "consent".into())],
            token_encoding: v1::TokenEncoding::JsonCamelCase,
            client_auth: v1::ClientAuth::None,
            extra: vec![],
        }
    }

    /// The OpenID provider with this issuer.
    #[cfg(test)]
    pub(crate) fn openid(issuer: &str) -> v1::SignIn {
        v1::SignIn {
            endpoints: v1::Endpoints::Openid(issuer.into()),
            scopes: vec!["openid".into()],
            parameters: vec![],
            token_encoding: v1::TokenEncoding::Form,
            client_auth: v1::ClientAuth::Post,
            ..Self::plain()
        }
    }

    pub(crate) fn build(&self) -> Vec<u8> {
        let mut heap = Heap::new(plugin_builder::BASE);
        let mut put = |make: &dyn Fn(&mut Heap) -> Flat| {
            let value = make(&mut heap);
            heap.put(&value)
        };
        let descriptor = put(&|heap| descriptor(heap, self.people.as_ref()));
        let [of_none, of_one, of_other] =
            [0, 1, 2].map(|at| put(&|heap| sign_in(heap, &self.sign_ins[at])));
        let identity = put(&identity);
        let (fetch, done) = (put(&fetch), put(&done));
        let no_tenants = put(&|heap| {
            let pair = record([heap.text("tenant-id"), heap.text("No other tenant.")]);
            variant(1, Some(variant(0, Some(pair), 16)), 20)
        });
        let sign_in = if self.traps_in_sign_in { "unreachable" } else { "" };
        let refuse = if self.refuses_tenants { "(local.get 2)" } else { "(i32.const 0)" };
        let many = "(param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)";
        let text = format!(
            r#"(module {imports}
              (global $sign_in (mut i32) (i32.const {of_none}))
              (func (export "{INTERFACE}#describe") (result i32) (i32.const {descriptor}))
              (func (export "{INTERFACE}#[static]configured.create")
                (param i32 i32 i32 i32 i32) (result i32)
                (if {refuse} (then (return (i32.const {no_tenants}))))
                (if (local.get 2) (then
                  (global.set $sign_in
                    (select (i32.const {of_one}) (i32.const {of_other})
                      (i32.eq (i32.load8_u (local.get 3)) (i32.const 97))))))
                (call $configure))
              (func (export "{INTERFACE}#[method]configured.sign-in") (param i32) (result i32)
                {sign_in} (global.get $sign_in))
              (func (export "{INTERFACE}#[method]configured.identify") (param i32 i32 i32)
                (result i32) (i32.const {identity}))
              (func (export "{INTERFACE}#[method]configured.discover") {many} (result i32)
                (call $begin))
              (func (export "{INTERFACE}#[method]discovery.next") (param i32 i32 i32) (result i32)
                (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
                (select (i32.const {fetch}) (i32.const {done})
                  (i32.eq (global.get $calls) (i32.const 1))))
              {library} {memory})"#,
            imports = plugin_builder::imports(INTERFACE),
            library = plugin_builder::library(),
            memory = plugin_builder::memory(&heap, 2),
        );
        plugin_builder::encode(&text, WIT)
    }
}

fn descriptor(heap: &mut Heap, people: Option<&v1::People>) -> Flat {
    let people = people.map(|people| {
        record([
            heap.text(&people.subject),
            option_text(people.tenant.as_ref().map(|at| heap.text(at))),
        ])
    });
    let grant = record([
        heap.text("list"),
        heap.text("To list."),
        byte(0),
        empty_list(),
        heap.texts(&["api.example"]),
        heap.texts(&["/v1"]),
        heap.list(vec![byte(0), byte(1)]),
        variant(1, Some(heap.text("x-token")), 8),
    ]);
    record([
        heap.text("old"),
        heap.text("Old Cloud"),
        heap.text("0.9.0"),
        option_text(None),
        heap.text("project"),
        option(people, PEOPLE),
        empty_list(),
        heap.list(vec![grant]),
        empty_list(),
    ])
}

fn sign_in(heap: &mut Heap, it: &v1::SignIn) -> Flat {
    let endpoints = match &it.endpoints {
        v1::Endpoints::Openid(issuer) => variant(0, Some(heap.text(issuer)), PLAIN),
        v1::Endpoints::Plain(it) => {
            let user_record = it.user_record.as_ref().map(|it| {
                record([heap.text(&it.url), heap.pairs(&it.headers), heap.text(&it.grant)])
            });
            let plain = record([
                heap.text(&it.issuer),
                heap.text(&it.authorization),
                heap.text(&it.token),
                option_text(it.end_session.as_ref().map(|url| heap.text(url))),
                option(user_record, RECORD),
            ]);
            variant(1, Some(plain), PLAIN)
        }
    };
    record([
        endpoints,
        option_text(it.tenant_claim.as_ref().map(|claim| heap.text(claim))),
        heap.texts(&it.scopes),
        heap.pairs(&it.parameters),
        byte(it.token_encoding as u8),
        byte(it.client_auth as u8),
        heap.pairs(&it.extra),
    ])
}

fn identity(heap: &mut Heap) -> Flat {
    let identity = record([
        heap.text("zofia"),
        heap.text("contoso"),
        heap.text("Zofia"),
        option_text(None),
        empty_list(),
    ]);
    variant(0, Some(identity), 44)
}

fn fetch(heap: &mut Heap) -> Flat {
    let request = record([
        number(1),
        byte(1),
        heap.text("https://api.example/v1/projects"),
        empty_list(),
        option_text(Some(heap.text("{}"))),
        option(None, 20),
    ]);
    let wish = record([heap.list(vec![request]), option_text(None)]);
    variant(0, Some(variant(0, Some(wish), OUTCOME)), 4 + OUTCOME)
}

fn done(heap: &mut Heap) -> Flat {
    let project = record([
        heap.text("one"),
        heap.text("One"),
        option_text(None),
        option_text(None),
        empty_list(),
    ]);
    let tenant = record([
        heap.text("two"),
        heap.text("Two"),
        heap.text("wants-mfa"),
        option_text(Some(heap.text("Sign in again."))),
        option_text(Some(heap.text("{}"))),
        empty_list(),
    ]);
    let outcome =
        record([heap.list(vec![tenant]), heap.list(vec![project]), empty_list(), empty_list()]);
    variant(0, Some(variant(1, Some(outcome), OUTCOME)), 4 + OUTCOME)
}
