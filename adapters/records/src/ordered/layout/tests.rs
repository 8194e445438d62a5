use super::*;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

#[test]
fn expiry_index_is_ordered_by_time_and_contains_the_row() {
    let key = Key::new(Kind::Session, &[1; 32]);
    let row = key.as_bytes();
    assert!(expiry(at(255), row) < expiry(at(256), row));
    for (seconds, expired) in [(0, true), (256, true), (257, false), (u64::MAX, false)] {
        let entry = expiry(at(seconds), row);
        assert_eq!(expired_by(at(256)).contains(&entry), expired, "{seconds}");
        assert_eq!(expiring_after(at(256)).contains(&entry), !expired, "{seconds}");
        assert_eq!(expiring(&entry), row);
    }
    assert!(expired_by(at(u64::MAX)).contains(&expiry(at(u64::MAX), row)));
}

#[test]
fn epoch_of_returns_the_written_epoch_and_none_if_malformed() {
    let current = CurrentEpoch { epoch: Epoch::from_number(7), began_at: at(99) };
    let value = epoch_value(&current);
    assert_eq!(epoch_of(&value), Some(current));
    assert_eq!(epoch_of(&value[1..]), None);
    assert_eq!(epoch_of(&[&value[..], &[0]].concat()), None);
}

#[test]
fn spent_before_contains_attempts_of_earlier_epochs_only() {
    let key = AttemptKey::from_bytes([0xff; 32]);
    for (number, before) in [(0, true), (255, true), (256, false), (u64::MAX, false)] {
        let row = spent(Epoch::from_number(number), &key);
        assert_eq!(spent_before(Epoch::from_number(256)).contains(&row), before, "{number}");
    }
}

#[test]
fn owned_by_contains_entries_of_that_owner_only() {
    let key = Key::new(Kind::Decision, &[255; 32]);
    for byte in [0, 7, 255] {
        let owner = Owner::from_bytes([byte; 32]);
        let entry = owned(&owner, key.as_bytes(), false);
        assert!(owned_by(&owner).contains(&entry));
        assert!(!owned_by(&Owner::from_bytes([8; 32])).contains(&entry));
        assert_eq!(owned_key(&entry), Some(key.clone()));
    }
    let session = Key::new(Kind::Session, &[3; 32]);
    let entry = owned(&Owner::from_bytes([7; 32]), session.as_bytes(), true);
    assert_eq!(owned_key(&entry), Some(session));
}
