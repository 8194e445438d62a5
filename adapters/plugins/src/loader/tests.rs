use std::fs;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn load_without_sandbox_fails_and_creates_no_cache() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.wasm");
    fs::write(&file, b"\0asm").unwrap();
    let options = LoaderOptions {
        memory: 1 << 30,
        cache: CacheFolder::Beside(folder.path()),
        key: [0; 32],
        compiler: Compiler { arguments: &[] },
        is_command: false,
    };
    let none = Err(LoadError::Sandbox("there is no address space".into()));
    let loader = Loader::in_sandbox(none, options);
    let refused = loader.load(&PluginFile::read(&file).unwrap(), LimitsEntry::default()).await;
    let refused = refused.err().unwrap().to_string();
    assert_eq!(refused, "no sandbox can be made on this machine: there is no address space");
    assert!(!folder.path().join(CACHE).exists());
}
