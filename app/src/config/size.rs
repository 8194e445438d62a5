//! Sizes in bytes.

/// A size in MiB, as bytes. At least 16 MiB: sled writes half a MiB at a time.
pub(super) fn mebibytes(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number: &u64| (16..=1_048_576).contains(number));
    let hint = || "write a whole number of MiB from 16 to 1048576".into();
    number.map(|number| number * 1024 * 1024).ok_or_else(hint)
}
