//! The cache of machine code: it returns what was stored, and no entry that was altered or planted.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use rstest::rstest;
use tempfile::TempDir;

use crate::{
    cache::CompiledCache, compiled::Compiled, digest::ComponentDigest, limits::Limits,
    plugin::Plugin, sandbox::Sandbox, testing::PluginBuilder,
};

/// A cache with one entry.
struct Fixture {
    folder: TempDir,
    sandbox: Sandbox,
    digest: ComponentDigest,
    compiled: Compiled,
    cache: CompiledCache,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::new().unwrap();
        let component = PluginBuilder::honest("kept").build();
        let compiled = sandbox.compile(&component).unwrap();
        let digest = ComponentDigest::of(&component);
        let cache = CompiledCache::open(folder.path().join("cache"), [7; 32]).unwrap();
        cache.put(&sandbox, &digest, &compiled).unwrap();
        Self { folder, sandbox, digest, compiled, cache }
    }

    /// The path of the only entry.
    fn path(&self) -> PathBuf {
        let entries: Vec<_> = fs::read_dir(self.folder.path().join("cache")).unwrap().collect();
        assert_eq!(entries.len(), 1);
        entries[0].as_ref().unwrap().path()
    }

    fn get(&self) -> Option<Compiled> {
        self.cache.get(&self.sandbox, &self.digest)
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn get_returns_stored_machine_code_that_runs() {
    let fixture = Fixture::new();
    let compiled = fixture.get().unwrap();
    assert!(compiled.as_bytes() == fixture.compiled.as_bytes());
    let plugin = Plugin::load(&fixture.sandbox, &compiled, Limits::default()).await.unwrap();
    assert_eq!(plugin.descriptor().id.as_str(), "kept");
}

#[test]
fn get_returns_none_for_another_component() {
    let fixture = Fixture::new();
    assert!(fixture.cache.get(&fixture.sandbox, &ComponentDigest::of(b"another")).is_none());
}

#[test]
fn folder_and_entries_are_accessible_to_their_user_only() {
    let fixture = Fixture::new();
    let path = fixture.path();
    assert_eq!(mode(&path), 0o600);
    let folder = path.parent().unwrap();
    assert_eq!(mode(folder), 0o700);
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    CompiledCache::open(folder, [7; 32]).unwrap();
    assert_eq!(mode(folder), 0o700);
}

#[rstest]
#[case::changed_machine_code(|entry: &[u8], _: &[u8]| flip(entry, entry.len() / 2))]
#[case::changed_nonce(|entry: &[u8], _: &[u8]| flip(entry, 0))]
#[case::truncated(|entry: &[u8], _: &[u8]| entry[..entry.len() / 2].to_vec())]
#[case::machine_code_without_header(|_: &[u8], code: &[u8]| code.to_vec())]
#[case::empty(|_: &[u8], _: &[u8]| vec![])]
#[case::truncated_header(|_: &[u8], _: &[u8]| vec![0; 27])]
#[case::header_of_zeros(|_: &[u8], _: &[u8]| vec![0; 28])]
fn get_removes_altered_entry(#[case] alter: fn(&[u8], &[u8]) -> Vec<u8>) {
    let fixture = Fixture::new();
    let path = fixture.path();
    let entry = fs::read(&path).unwrap();
    fs::write(&path, alter(&entry, fixture.compiled.as_bytes())).unwrap();
    assert!(fixture.get().is_none());
    assert!(!path.exists());
    fs::write(&path, &entry).unwrap();
    assert!(fixture.get().is_some());
}

fn flip(entry: &[u8], index: usize) -> Vec<u8> {
    let mut altered = entry.to_vec();
    altered[index] ^= 1;
    altered
}

#[test]
fn get_refuses_entry_copied_to_the_name_of_another_component() {
    let fixture = Fixture::new();
    let path = fixture.path();
    let other = PluginBuilder::honest("other").build();
    let compiled = fixture.sandbox.compile(&other).unwrap();
    let other = ComponentDigest::of(&other);
    fixture.cache.put(&fixture.sandbox, &other, &compiled).unwrap();
    let entries = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let other_path = entries.into_iter().find(|entry| *entry != path).unwrap();
    fs::copy(&path, &other_path).unwrap();
    assert!(fixture.cache.get(&fixture.sandbox, &other).is_none());
}

#[test]
fn get_refuses_entry_of_another_key() {
    let fixture = Fixture::new();
    let folder = fixture.folder.path().join("cache");
    let other_key = CompiledCache::open(folder, [8; 32]).unwrap();
    assert!(other_key.get(&fixture.sandbox, &fixture.digest).is_none());
}

#[test]
fn put_replaces_symbolic_link_without_following_it() {
    let fixture = Fixture::new();
    let path = fixture.path();
    let target = fixture.folder.path().join("elsewhere");
    fs::write(&target, "unchanged").unwrap();
    fs::remove_file(&path).unwrap();
    symlink(&target, &path).unwrap();
    fixture.cache.put(&fixture.sandbox, &fixture.digest, &fixture.compiled).unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "unchanged");
    assert!(fixture.get().is_some());
}
