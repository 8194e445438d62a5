//! Portico's credential at a provider: a client secret, or a file with a key, a certificate or a federated
//! token.

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use portico_domain::{
    identity::ProviderId, provider::ClientCredential, secret::ClientSecret, time::Timestamp,
};
use portico_oauth::check_credential;
use portico_plugins::{CLIENT_KEY_FILE, CLIENT_SECRET};

use super::{
    secret::secret,
    section::{FILE_SUFFIX, Setting},
    sources::Sources,
    text::{is_quoted, trimmed},
};

/// The largest file with a key, a certificate or a token. A federated token is sent whole, and providers
/// read no form of this size.
const MAX_BYTES: u64 = 64 << 10;

/// What a file with a credential contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// A private key in PEM.
    PrivateKey,
    /// A certificate and its private key in PEM.
    Certificate,
    /// A JSON Web Token of another issuer.
    FederatedToken,
}

/// A setting that names a file with a credential, and its value.
pub(super) struct CredentialFile {
    pub(super) variable: String,
    pub(super) content: Content,
    pub(super) path: Option<PathBuf>,
}

/// The path of a file with a credential.
pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    Ok(PathBuf::from(text))
}

/// The only file that is set; `Ok(None)` if none is, `Err` after a fault: several are, or one beside a
/// client secret.
pub(super) fn only_file<'a>(
    s: &mut Sources,
    secret: (&str, bool),
    files: &'a [CredentialFile],
) -> Result<Option<&'a CredentialFile>, ()> {
    let (secret, is_secret_set) = secret;
    let set: Vec<_> = files.iter().filter(|file| file.path.is_some()).collect();
    let names: Vec<_> = is_secret_set
        .then_some(secret)
        .into_iter()
        .chain(set.iter().map(|file| file.variable.as_str()))
        .collect();
    match (names.as_slice(), set.first()) {
        ([] | [_], only) => Ok(only.copied()),
        ([firsts @ .., last], _) => {
            let firsts = firsts.join(", ");
            let number = if names.len() == 2 { "both" } else { "all" };
            s.add_fault(format!("{firsts} and {last} are {number} set: keep one of them."));
            Err(())
        }
    }
}

impl CredentialFile {
    /// The file of a setting of Azure, by the Azure SDKs' name.
    pub(super) fn of_azure(content: Content, path: Option<PathBuf>) -> Self {
        let variable = match content {
            Content::FederatedToken => "AZURE_FEDERATED_TOKEN_FILE",
            Content::Certificate | Content::PrivateKey => "AZURE_CLIENT_CERTIFICATE_PATH",
        };
        Self { variable: variable.to_owned(), content, path }
    }

    /// The credential in the file; `None` after a fault.
    pub(super) fn read(&self, s: &mut Sources) -> Option<ClientCredential> {
        let path = self.path.as_deref()?;
        match credential_in(path, self.content) {
            Ok(credential) => Some(credential),
            Err(why) => {
                s.add_fault(format!("{} names {}: {why}.", self.variable, path.display()));
                None
            }
        }
    }
}

/// Reads a credential; the error says what is wrong with the file and what to do.
fn credential_in(path: &Path, content: Content) -> Result<ClientCredential, String> {
    let text = match portico_files::read_text(path, MAX_BYTES) {
        Ok(text) => text,
        Err(error) => {
            return Err(pkcs12(path)
                .unwrap_or_else(|| format!("it cannot be read ({error}): name a readable file")));
        }
    };
    let text = trimmed(&text);
    if text.is_empty() {
        return Err(format!("it is empty: write {} into it", content.noun()));
    }
    let credential = match content {
        Content::PrivateKey => ClientCredential::PrivateKey(ClientSecret::new(text)),
        Content::Certificate => ClientCredential::Certificate(ClientSecret::new(text)),
        Content::FederatedToken => {
            ClientCredential::FederatedToken(ClientSecret::new(federated_token(text)?))
        }
    };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = Timestamp::from_unix_seconds(now.as_secs());
    check_credential(&credential, now).map_err(|error| error.to_string())?;
    Ok(credential)
}

/// Whether a variable of this name, or a key in upper case, names a file that is read again when it
/// changes.
pub(super) fn names_a_file(name: &str) -> bool {
    name.ends_with(FILE_SUFFIX) || name.ends_with("CLIENT_CERTIFICATE_PATH")
}

/// Whether a plug-in replaces Azure. It then uses the settings of Azure, and its ids are GUIDs, whose case
/// is insignificant.
pub(super) fn is_azure(id: &ProviderId) -> bool {
    id.as_str() == "azure"
}

/// The keys of a plug-in's settings that name a file with a credential. A plug-in that replaces Azure has
/// those of Azure.
pub(super) fn plugin_keys(id: &ProviderId) -> impl Iterator<Item = (&'static str, Content)> {
    let keys: &[_] = match is_azure(id) {
        true => &[
            ("federated-token-file", Content::FederatedToken),
            ("client-certificate-path", Content::Certificate),
        ],
        false => &[(CLIENT_KEY_FILE, Content::PrivateKey)],
    };
    keys.iter().copied()
}

/// The credential of a plug-in with this id and name. It is required if the provider authenticates the
/// client, since every login would be refused without it.
pub(super) fn of_plugin(
    s: &mut Sources,
    id: &ProviderId,
    name: &str,
    is_public: bool,
) -> Option<ClientCredential> {
    let setting = Setting::of_provider(id, CLIENT_SECRET).masked();
    let mut files = Vec::new();
    for (key, content) in plugin_keys(id) {
        let file = Setting::of_provider(id, key);
        let variable = file.variable().to_owned();
        files.push(CredentialFile { variable, content, path: s.derived(&file, path) });
    }
    let is_secret_set = s.is_any_set(std::slice::from_ref(&setting));
    if let Some(file) = only_file(s, (setting.variable(), is_secret_set), &files).ok()? {
        return file.read(s);
    }
    let parse = |text: &str| secret(text).map(|it| ClientCredential::Secret(ClientSecret::new(it)));
    if is_public {
        return Some(s.derived(&setting, parse).unwrap_or(ClientCredential::Public));
    }
    let keys: Vec<_> = files.iter().map(|file| file.variable.as_str()).collect();
    let hint = format!(
        "write the client secret that {name} gave to Portico, or its file's name into {}; or name \
         another credential's file by {}",
        setting.file_variable(),
        keys.join(" or ")
    );
    s.required_or(&setting, &hint, parse)
}

impl Content {
    fn noun(self) -> &'static str {
        match self {
            Self::PrivateKey => "the private key in PEM",
            Self::Certificate => "the certificate and its private key in PEM",
            Self::FederatedToken => "the token",
        }
    }
}

/// A signed JSON Web Token in the compact form (RFC 7515 section 7.1). Whether it is one is the provider's
/// to decide; this finds the wrong file, and one that is only half written.
fn federated_token(text: &str) -> Result<&str, String> {
    let is_base64url = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    let parts: Vec<_> = text.split('.').collect();
    match !is_quoted(text) && parts.len() == 3 && parts.into_iter().all(is_base64url) {
        true => secret(text),
        false => Err("it is no JSON Web Token: name the file that the platform writes the \
                      workload's token into"
            .into()),
    }
}

/// The advice for PKCS #12, which is binary and which Azure's portal gives out: an ASN.1 sequence.
fn pkcs12(path: &Path) -> Option<String> {
    let bytes = portico_files::read(path, MAX_BYTES).ok()?;
    bytes.starts_with(&[0x30]).then(|| {
        "it is binary, perhaps PKCS #12: convert it with `openssl pkcs12 -in FILE -nodes -out NEW` and \
         let only Portico read the new file"
            .to_owned()
    })
}
