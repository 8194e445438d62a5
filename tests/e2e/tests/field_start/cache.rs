//! The cache of compiled plug-ins.

use std::{fs, os::unix::fs::PermissionsExt};

use portico_e2e::{Portico, World, plugins, world_with_plugins};

use crate::{emulator, portico, remove_compiled, sign_in};

#[tokio::test]
async fn compiled_plug_ins_are_cached_in_configured_folder() {
    let World { portico, mut settings, folder, emulator: _emulator } =
        world_with_plugins(&["github"], &[]).await;
    portico.stop().await;
    remove_compiled(folder.path());
    let cache = folder.path().join("a/cache");
    settings.set("PORTICO_CACHE", cache.to_str().unwrap());
    let portico = Portico::start(&settings).await;
    sign_in(&portico.base, "github").await;
    for path in [&cache, &cache.join("compiled")] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700, "{path:?}");
    }
    assert_eq!(fs::read_dir(cache.join("compiled")).unwrap().count(), 1);
    assert!(!folder.path().join("providers.d/.compiled").exists());
}

#[tokio::test]
async fn existing_cache_folder_keeps_its_mode() {
    let World { portico, mut settings, folder, emulator: _emulator } =
        world_with_plugins(&["github"], &[]).await;
    portico.stop().await;
    let cache = folder.path().join("shared");
    fs::create_dir(&cache).unwrap();
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o755)).unwrap();
    settings.set("PORTICO_CACHE", cache.to_str().unwrap());
    let portico = Portico::start(&settings).await;
    sign_in(&portico.base, "github").await;
    assert_eq!(fs::metadata(&cache).unwrap().permissions().mode() & 0o777, 0o755);
}

#[tokio::test]
async fn unusable_cache_is_logged_once_and_plug_ins_are_offered() {
    let world =
        world_with_plugins(&["digitalocean", "github"], &[("PORTICO_CACHE", "/proc/nowhere")])
            .await;
    let log = world.portico.log();
    assert_eq!(log.matches("name another folder in PORTICO_CACHE").count(), 1, "{log}");
    for provider in ["digitalocean", "github"] {
        sign_in(&world.portico.base, provider).await;
    }
}

#[tokio::test]
async fn provider_add_fills_the_compiled_cache() {
    let (emulator, folder) = emulator().await;
    let cache = folder.path().join("cache");
    let variables = [("PORTICO_CACHE", cache.to_str().unwrap())];
    let file = plugins::built("oidc");
    let add = ["provider", "add", "--yes", file.to_str().unwrap()];
    let output = portico(folder.path(), &emulator, &variables, &add).await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(fs::read_dir(cache.join("compiled")).unwrap().count(), 1);
}
