//! Names, paths and registered applications of the clouds other than Azure.

mod endpoints;

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

/// A cloud other than Azure.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "each is named after its cloud")]
pub enum Cloud {
    Google,
    Aws,
    GitHub,
    DigitalOcean,
    Oidc,
    GitLab,
    Heroku,
}

/// The application registered at a cloud (confidential client).
#[derive(Debug)]
pub struct Client {
    /// The client id.
    pub client_id: &'static str,
    /// Its only client secret.
    pub client_secret: &'static str,
}

/// The application at Google.
pub static GOOGLE: Client = client(
    "415104041262-emulated0portico0google.apps.googleusercontent.com",
    "emulated~not.a.real-google_secret+0/8",
);
/// The application at IAM Identity Center.
pub static AWS: Client =
    client("emulated-aws-client_ZXUtY2VudHJhbC0x", "emulated~not.a.real-aws_secret+0/8");
/// The application at GitHub.
pub static GITHUB: Client = client("Ov23emulatedPortico0", "emulated~not.a.real-github_secret+0/8");
/// The application at DigitalOcean.
pub static DIGITALOCEAN: Client = client(
    "5c9e1b7a3d2f4e60emulated8a7b6c5d4e3f2a1b",
    "emulated~not.a.real-digitalocean_secret+0/8",
);
/// The application at the generic OpenID provider.
pub static OIDC: Client = client("portico", "emulated~not.a.real-oidc_secret+0/8");
/// The application at GitLab.
pub static GITLAB: Client =
    client("e7a1c5d9emulated3b8f2a6c0d4e9b7f1a5c8d2e", "emulated~not.a.real-gitlab_secret+0/8");
/// The application at Heroku.
pub static HEROKU: Client =
    client("9d3f5b7c-emulated-4a6e-8c1d-2e3f4a5b6c7d", "emulated~not.a.real-heroku_secret+0/8");

const fn client(client_id: &'static str, client_secret: &'static str) -> Client {
    Client { client_id, client_secret }
}

impl Cloud {
    /// Every cloud, in the order of the printed list.
    pub const ALL: [Self; 7] = [
        Self::Google,
        Self::Aws,
        Self::GitHub,
        Self::DigitalOcean,
        Self::Oidc,
        Self::GitLab,
        Self::Heroku,
    ];

    /// The name in paths and in faults: `google`, `aws`, `github`, `digitalocean`, `oidc`, `gitlab`, `heroku`.
    pub fn name(self) -> &'static str {
        self.entry().0
    }

    /// The display name.
    pub fn title(self) -> &'static str {
        self.entry().1
    }

    /// The registered application.
    pub fn client(self) -> &'static Client {
        self.entry().2
    }

    /// The cloud's URL below an emulator's root, `http://127.0.0.1:4010/google`: also the issuer if it issues ID tokens.
    pub fn url(self, root: &Url) -> Url {
        let mut url = root.clone();
        url.set_path(self.name());
        url
    }

    fn entry(self) -> (&'static str, &'static str, &'static Client) {
        match self {
            Self::Google => ("google", "Google", &GOOGLE),
            Self::Aws => ("aws", "AWS", &AWS),
            Self::GitHub => ("github", "GitHub", &GITHUB),
            Self::DigitalOcean => ("digitalocean", "DigitalOcean", &DIGITALOCEAN),
            Self::Oidc => ("oidc", "OpenID", &OIDC),
            Self::GitLab => ("gitlab", "GitLab", &GITLAB),
            Self::Heroku => ("heroku", "Heroku", &HEROKU),
        }
    }

    /// The cloud that a path belongs to, and the path within it.
    pub(crate) fn of_path(path: &str) -> Option<(Self, &str)> {
        let (name, _) = path.strip_prefix('/')?.split_once('/')?;
        let cloud = Self::ALL.into_iter().find(|cloud| cloud.name() == name)?;
        Some((cloud, &path[name.len() + 1..]))
    }

    /// The prefix of every URL that this cloud publishes, below the scheme and authority of the request.
    pub(crate) fn root(self, base: &impl fmt::Display) -> String {
        format!("{base}/{}", self.name())
    }
}
