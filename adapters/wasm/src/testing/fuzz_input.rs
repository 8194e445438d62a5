//! Return values of a plug-in, parsed from the lines of a text and converted to domain values: for the
//! fuzz targets, which would be slow if they compiled WebAssembly.

use portico_domain::{
    identity::Identity,
    provider::{CallError, Descriptor, SignInTemplate, Step},
};

use crate::{
    bindings::{v1::exports::portico::provider::provider as v1, wire},
    convert, upgrade,
};

/// A converted return value.
#[allow(clippy::large_enum_variant, reason = "one value exists at a time")]
#[derive(Debug)]
pub enum Answered {
    /// Of `describe`.
    Descriptor(Result<Descriptor, CallError>),
    /// Of `sign-in` in interface 1.
    SignIn(Result<SignInTemplate, CallError>),
    /// Of `identify` in interface 1.
    Identity(Result<Identity, CallError>),
    /// Of `next`.
    Step(Result<Step, CallError>),
    /// A `problem`, returned by any function.
    Problem(CallError),
}

/// Parses a return value. The first line names its type, and each further line is the next text, number
/// or choice; a list begins with its length. Missing lines are empty.
pub fn answered(lines: &str) -> Answered {
    let mut lines = Lines(lines.split('\n'));
    match lines.choice(["descriptor", "sign-in", "identity", "step", "problem"]) {
        0 => Answered::Descriptor(convert::descriptor(lines.descriptor(), false)),
        1 => Answered::SignIn(lines.v1_declaration()),
        2 => Answered::Identity(upgrade::identity(lines.identity())),
        3 => Answered::Step(convert::step(lines.step(), "fuzzed")),
        _ => Answered::Problem(convert::provider_error(lines.problem())),
    }
}

struct Lines<'a>(std::str::Split<'a, char>);

impl Lines<'_> {
    fn text(&mut self) -> String {
        self.0.next().unwrap_or_default().into()
    }

    fn number(&mut self) -> u32 {
        self.text().parse().unwrap_or_default()
    }

    /// The index of the next line in `words`; of the last word if it is none of them.
    fn choice<const N: usize>(&mut self, words: [&str; N]) -> usize {
        let word = self.text();
        words.iter().position(|it| *it == word).unwrap_or(N - 1)
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let length = self.number().min(64);
        (0..length).map(|_| item(self)).collect()
    }

    fn option<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.choice(["some", "none"]) == 0).then(|| value(self))
    }

    fn texts(&mut self) -> Vec<String> {
        self.list(Self::text)
    }

    fn pairs(&mut self) -> Vec<(String, String)> {
        self.list(|lines| (lines.text(), lines.text()))
    }

    fn descriptor(&mut self) -> wire::Descriptor {
        wire::Descriptor {
            id: self.text(),
            name: self.text(),
            version: self.text(),
            icon: self.option(Self::text),
            account_noun: self.text(),
            people: self.option(|lines| wire::People {
                subject: lines.text(),
                tenant: lines.option(Self::text),
                display_name: lines.texts(),
                username: lines.texts(),
            }),
            settings: self.list(Self::setting),
            permissions: self.list(Self::permission),
            sign_in: self.sign_in(),
            capabilities: self.list(|lines| wire::Capability {
                name: lines.text(),
                kind: lines.text(),
                why: lines.text(),
                extra: lines.pairs(),
            }),
            extra: vec![],
        }
    }

    fn setting(&mut self) -> wire::SettingSpec {
        wire::SettingSpec {
            key: self.text(),
            label: self.text(),
            help: self.text(),
            kind: match self.choice(["text", "url", "choice", "secret", "flag"]) {
                0 => wire::FieldKind::Text,
                1 => wire::FieldKind::Url,
                2 => wire::FieldKind::Choice,
                3 => wire::FieldKind::Secret,
                _ => wire::FieldKind::Flag,
            },
            choices: self.texts(),
            required: self.choice(["required", "optional"]) == 0,
            default: self.option(Self::text),
        }
    }

    fn permission(&mut self) -> wire::Permission {
        wire::Permission {
            name: self.text(),
            why: self.text(),
            principal: match self.choice(["user", "nobody", "application"]) {
                0 => wire::Principal::SignedInUser,
                1 => wire::Principal::Nobody,
                _ => wire::Principal::Application,
            },
            scopes: self.texts(),
            hosts: self.texts(),
            paths: self.texts(),
            methods: self.list(Self::method),
            placement: match self.choice(["header", "prefix", "basic", "bearer"]) {
                0 => wire::Placement::Header(self.text()),
                1 => wire::Placement::Prefix(self.text()),
                2 => wire::Placement::Basic,
                _ => wire::Placement::Bearer,
            },
            request_headers: self.texts(),
            reply_headers: self.texts(),
            secret_headers: self.list(|lines| wire::SecretHeader {
                setting: lines.text(),
                header: lines.text(),
                prefix: lines.text(),
            }),
        }
    }

    fn method(&mut self) -> wire::Method {
        match self.choice(["get", "post"]) {
            0 => wire::Method::Get,
            _ => wire::Method::Post,
        }
    }

    fn sign_in(&mut self) -> wire::SignIn {
        wire::SignIn {
            endpoints: match self.choice(["plain", "openid"]) {
                0 => wire::Endpoints::Plain(wire::PlainEndpoints {
                    issuer: self.text(),
                    authorization: self.text(),
                    token: self.text(),
                    end_session: self.option(Self::text),
                }),
                _ => wire::Endpoints::Openid(self.text()),
            },
            default_tenant: self.option(Self::text),
            scopes: self.texts(),
            scope_separator: match self.choice(["comma", "space"]) {
                0 => wire::ScopeSeparator::Comma,
                _ => wire::ScopeSeparator::Space,
            },
            parameters: self.pairs(),
            token_encoding: match self.choice(["json", "snake-json", "form"]) {
                0 => wire::TokenEncoding::JsonCamelCase,
                1 => wire::TokenEncoding::JsonSnakeCase,
                _ => wire::TokenEncoding::Form,
            },
            client_auth: match self.choice(["basic", "none", "post"]) {
                0 => wire::ClientAuth::Basic,
                1 => wire::ClientAuth::None,
                _ => wire::ClientAuth::Post,
            },
            token_reply: self.texts(),
            user_records: self.list(|lines| wire::UserRecord {
                member: lines.option(Self::text),
                url: lines.text(),
                headers: lines.pairs(),
                permission: lines.text(),
            }),
            extra: vec![],
        }
    }

    /// Sign-ins of interface 1 without a tenant and, optionally, for both probe tenants.
    fn v1_declaration(&mut self) -> Result<SignInTemplate, CallError> {
        let default = self.v1_sign_in();
        let probed = self.option(|lines| [lines.v1_sign_in(), lines.v1_sign_in()]);
        upgrade::sign_in::declaration(default, probed, None)
    }

    fn v1_sign_in(&mut self) -> v1::SignIn {
        v1::SignIn {
            endpoints: match self.choice(["plain", "openid"]) {
                0 => v1::Endpoints::Plain(self.v1_plain_endpoints()),
                _ => v1::Endpoints::Openid(self.text()),
            },
            tenant_claim: self.option(Self::text),
            scopes: self.texts(),
            parameters: self.pairs(),
            token_encoding: match self.choice(["json", "form"]) {
                0 => v1::TokenEncoding::JsonCamelCase,
                _ => v1::TokenEncoding::Form,
            },
            client_auth: match self.choice(["basic", "none", "post"]) {
                0 => v1::ClientAuth::Basic,
                1 => v1::ClientAuth::None,
                _ => v1::ClientAuth::Post,
            },
            extra: vec![],
        }
    }

    fn v1_plain_endpoints(&mut self) -> v1::PlainEndpoints {
        v1::PlainEndpoints {
            issuer: self.text(),
            authorization: self.text(),
            token: self.text(),
            end_session: self.option(Self::text),
            user_record: self.option(|lines| v1::UserRecord {
                url: lines.text(),
                headers: lines.pairs(),
                grant: lines.text(),
            }),
        }
    }

    fn identity(&mut self) -> v1::Identity {
        v1::Identity {
            subject: self.text(),
            tenant: self.text(),
            display_name: self.text(),
            username: self.option(Self::text),
            extra: vec![],
        }
    }

    fn step(&mut self) -> wire::Step {
        match self.choice(["fetch", "done"]) {
            0 => wire::Step::Fetch(wire::Wish {
                note: self.option(Self::text),
                requests: self.list(Self::request),
                wait_seconds: self.number(),
            }),
            _ => wire::Step::Done(wire::Outcome {
                tenants: self.list(Self::tenant),
                subscriptions: self.list(|lines| wire::Subscription {
                    id: lines.text(),
                    display_name: lines.text(),
                    state: lines.option(Self::text),
                    tenant: lines.option(Self::text),
                    extra: vec![],
                }),
                warnings: self.texts(),
                extra: vec![],
            }),
        }
    }

    fn tenant(&mut self) -> wire::Tenant {
        wire::Tenant {
            id: self.text(),
            display_name: self.text(),
            state: match self.choice([
                "ok",
                "empty",
                "wants-mfa",
                "wants-consent",
                "blocked",
                "unreachable",
            ]) {
                0 => wire::TenantState::Ok,
                1 => wire::TenantState::Empty,
                2 => wire::TenantState::WantsMfa,
                3 => wire::TenantState::WantsConsent,
                4 => wire::TenantState::Blocked,
                _ => wire::TenantState::Unreachable,
            },
            reason: self.option(Self::text),
            mender: self.option(|lines| match lines.choice(["person", "operator", "admin"]) {
                0 => wire::Mender::Person,
                1 => wire::Mender::Operator,
                _ => wire::Mender::Administrator,
            }),
            repair: self.option(|lines| match lines.choice(["claims", "link", "sign-in"]) {
                0 => wire::Repair::Claims(lines.text()),
                1 => wire::Repair::Link(lines.text()),
                _ => wire::Repair::SignIn,
            }),
            extra: vec![],
        }
    }

    fn request(&mut self) -> wire::Request {
        wire::Request {
            id: self.number(),
            method: self.method(),
            url: self.text(),
            headers: self.pairs(),
            body: self.option(Self::text),
            credential: self.option(|lines| wire::Credential {
                permission: lines.text(),
                tenant: lines.option(Self::text),
            }),
        }
    }

    fn problem(&mut self) -> wire::Problem {
        match self.choice(["setting", "unexpected", "refused", "challenge", "other"]) {
            0 => wire::Problem::Setting((self.text(), self.text())),
            1 => wire::Problem::Unexpected(self.text()),
            2 => wire::Problem::Refused((self.text(), self.text())),
            3 => wire::Problem::Challenge(self.text()),
            _ => wire::Problem::Other((self.text(), self.text())),
        }
    }
}
