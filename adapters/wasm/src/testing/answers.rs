//! What a plug-in answers, made of the lines of a text, and what becomes of it: for the fuzz
//! targets, which no compiler of WebAssembly should slow down.

use portico_domain::{
    identity::Identity,
    provider::{Descriptor, Problem, SignIn, Step},
};

use crate::{bindings::wire, convert, upgrade::Described};

/// An answer, converted.
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
#[derive(Debug)]
pub enum Answered {
    /// To who it is.
    Descriptor(Result<Descriptor, Problem>),
    /// To how people sign in.
    SignIn(Result<SignIn, Problem>),
    /// To who has signed in.
    Identity(Result<Identity, Problem>),
    /// To what it wants next.
    Step(Result<Step, Problem>),
    /// That it cannot go on.
    Problem(Problem),
}

/// The answer that these lines spell. The first says which it is, and each of the others is the
/// next text, number or choice; lists have their length in front. Missing ones are empty.
pub fn answered(lines: &str) -> Answered {
    let mut lines = Lines(lines.split('\n'));
    match lines.choice(["descriptor", "sign-in", "identity", "step", "problem"]) {
        0 => Answered::Descriptor(convert::descriptor(Described::V1(lines.descriptor()))),
        1 => Answered::SignIn(convert::sign_in(lines.sign_in())),
        2 => Answered::Identity(convert::identity(lines.identity())),
        3 => Answered::Step(convert::step(lines.step(), "fuzzed")),
        _ => Answered::Problem(convert::problem(lines.problem())),
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

    /// Which of these words stands there; the last where none does.
    fn choice<const N: usize>(&mut self, words: [&str; N]) -> usize {
        let word = self.text();
        words.iter().position(|one| *one == word).unwrap_or(N - 1)
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let length = self.number().min(64);
        (0..length).map(|_| one(self)).collect()
    }

    fn option<T>(&mut self, one: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.choice(["some", "none"]) == 0).then(|| one(self))
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
            }),
            settings: self.list(Self::setting),
            grants: self.list(Self::grant),
            extra: vec![],
        }
    }

    fn setting(&mut self) -> wire::SettingSpec {
        wire::SettingSpec {
            key: self.text(),
            label: self.text(),
            help: self.text(),
            kind: match self.choice(["text", "url", "choice", "flag"]) {
                0 => wire::FieldKind::Text,
                1 => wire::FieldKind::Url,
                2 => wire::FieldKind::Choice,
                _ => wire::FieldKind::Flag,
            },
            choices: self.texts(),
            required: self.choice(["required", "optional"]) == 0,
            default: self.option(Self::text),
        }
    }

    fn grant(&mut self) -> wire::Grant {
        wire::Grant {
            name: self.text(),
            why: self.text(),
            principal: match self.choice(["user", "application"]) {
                0 => wire::Principal::SignedInUser,
                _ => wire::Principal::Application,
            },
            scopes: self.texts(),
            hosts: self.texts(),
            paths: self.texts(),
            methods: self.list(Self::method),
            placement: match self.option(Self::text) {
                None => wire::Placement::Bearer,
                Some(name) => wire::Placement::Header(name),
            },
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
                0 => wire::Endpoints::Plain(self.plain_endpoints()),
                _ => wire::Endpoints::Openid(self.text()),
            },
            tenant_claim: self.option(Self::text),
            scopes: self.texts(),
            parameters: self.pairs(),
            token_encoding: match self.choice(["json", "form"]) {
                0 => wire::TokenEncoding::JsonCamelCase,
                _ => wire::TokenEncoding::Form,
            },
            client_auth: match self.choice(["basic", "none", "post"]) {
                0 => wire::ClientAuth::Basic,
                1 => wire::ClientAuth::None,
                _ => wire::ClientAuth::Post,
            },
            extra: vec![],
        }
    }

    fn plain_endpoints(&mut self) -> wire::PlainEndpoints {
        wire::PlainEndpoints {
            issuer: self.text(),
            authorization: self.text(),
            token: self.text(),
            end_session: self.option(Self::text),
            user_record: self.option(|lines| wire::UserRecord {
                url: lines.text(),
                headers: lines.pairs(),
                grant: lines.text(),
            }),
        }
    }

    fn identity(&mut self) -> wire::Identity {
        wire::Identity {
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
            }),
            _ => wire::Step::Done(wire::Outcome {
                tenants: self.list(|lines| wire::Tenant {
                    id: lines.text(),
                    display_name: lines.text(),
                    state: lines.text(),
                    reason: lines.option(Self::text),
                    challenge: None,
                    extra: vec![],
                }),
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

    fn request(&mut self) -> wire::Request {
        wire::Request {
            id: self.number(),
            method: self.method(),
            url: self.text(),
            headers: self.pairs(),
            body: self.option(Self::text),
            credential: self.option(|lines| wire::Credential {
                grant: lines.text(),
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
