//! The cache gives back what it was given, and nothing that anybody else put there.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{Compiled, CompiledCache, ComponentDigest, Limits, Plugin, Sandbox, testing::Guest};

struct Kept {
    folder: TempDir,
    sandbox: Sandbox,
    component: ComponentDigest,
    compiled: Compiled,
    cache: CompiledCache,
}

impl Kept {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::new().unwrap();
        let component = Guest::honest("kept").build();
        let compiled = sandbox.compile(&component).unwrap();
        let component = ComponentDigest::of(&component);
        let cache = CompiledCache::open(folder.path().join("cache"), [7; 32]).unwrap();
        cache.put(&sandbox, &component, &compiled).unwrap();
        Self { folder, sandbox, component, compiled, cache }
    }

    fn path(&self) -> PathBuf {
        let entries: Vec<_> = fs::read_dir(self.folder.path().join("cache")).unwrap().collect();
        assert_eq!(entries.len(), 1);
        entries[0].as_ref().unwrap().path()
    }

    fn get(&self) -> Option<Compiled> {
        self.cache.get(&self.sandbox, &self.component)
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn what_was_kept_is_given_back_and_runs() {
    let kept = Kept::new();
    let found = kept.get().unwrap();
    assert!(found.as_bytes() == kept.compiled.as_bytes());
    let plugin = Plugin::load(&kept.sandbox, &found, Limits::default()).await.unwrap();
    assert_eq!(plugin.descriptor().id.as_str(), "kept");
    assert!(kept.cache.get(&kept.sandbox, &ComponentDigest::of(b"another")).is_none());
}

#[test]
fn the_folder_and_its_files_are_this_users_alone() {
    let kept = Kept::new();
    let path = kept.path();
    assert_eq!(mode(&path), 0o600);
    let folder = path.parent().unwrap();
    assert_eq!(mode(folder), 0o700);
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    CompiledCache::open(folder, [7; 32]).unwrap();
    assert_eq!(mode(folder), 0o700);
}

#[test]
fn an_entry_that_was_edited_truncated_or_planted_is_removed() {
    let kept = Kept::new();
    let path = kept.path();
    let whole = fs::read(&path).unwrap();
    let mut edited = whole.clone();
    let middle = edited.len() / 2;
    edited[middle] ^= 1;
    let mut retagged = whole.clone();
    retagged[0] ^= 1;
    let truncated = whole[..middle].to_vec();
    let planted = kept.compiled.as_bytes().to_vec();
    for bad in [edited, retagged, truncated, planted, vec![], vec![0; 27], vec![0; 28]] {
        fs::write(&path, &bad).unwrap();
        assert!(kept.get().is_none(), "{} bytes", bad.len());
        assert!(!path.exists());
    }
    fs::write(&path, &whole).unwrap();
    assert!(kept.get().is_some());
}

#[test]
fn an_entry_under_another_name_or_another_key_is_no_entry() {
    let kept = Kept::new();
    let path = kept.path();
    let other = Guest::honest("other").build();
    let compiled = kept.sandbox.compile(&other).unwrap();
    let other = ComponentDigest::of(&other);
    kept.cache.put(&kept.sandbox, &other, &compiled).unwrap();
    let entries = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let others = entries.into_iter().find(|entry| *entry != path).unwrap();
    fs::copy(&path, &others).unwrap();
    assert!(kept.cache.get(&kept.sandbox, &other).is_none());

    let theirs = CompiledCache::open(path.parent().unwrap(), [8; 32]).unwrap();
    assert!(theirs.get(&kept.sandbox, &kept.component).is_none());
}

#[test]
fn a_link_in_the_place_of_an_entry_is_replaced_and_not_followed() {
    let kept = Kept::new();
    let path = kept.path();
    let elsewhere = kept.folder.path().join("elsewhere");
    fs::write(&elsewhere, "theirs").unwrap();
    fs::remove_file(&path).unwrap();
    symlink(&elsewhere, &path).unwrap();
    kept.cache.put(&kept.sandbox, &kept.component, &kept.compiled).unwrap();
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "theirs");
    assert!(kept.get().is_some());
}
