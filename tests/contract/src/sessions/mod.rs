//! The promises of [`portico_domain::ports::Sessions`] and
//! [`portico_domain::ports::SessionTokens`].

mod clocks;
mod ending;
mod finding;
mod landing;
mod large;
mod removing;
mod replacing;
mod rotating;
mod sign_ins;
mod signing_out;
mod swapping;

use self::{
    clocks::*, ending::*, finding::*, landing::*, large::*, removing::*, replacing::*, rotating::*,
    sign_ins::*, signing_out::*, swapping::*,
};

suite! { $ sessions: Subject
    find_returns_the_landed_session_unchanged,
    find_tokens_returns_tokens_of_that_account_and_session_only,
    find_returns_none_for_an_unknown_key,
    find_returns_none_at_the_end_of_idle_time,
    find_returns_none_at_maximum_age_of_a_used_session,
    expired_session_that_was_read_is_absent_after_the_clock_is_set_back,
    session_from_the_future_is_not_found_and_is_removed,
    version_equals_that_of_find_after_each_write,
    check_succeeds_for_a_working_store,
    replace_with_current_version_is_done_and_changes_the_version,
    replace_with_stale_version_changes_nothing,
    replace_keeps_tokens_of_other_accounts,
    replace_that_records_a_use_extends_the_lifetime,
    replace_of_a_removed_session_conflicts,
    concurrent_replaces_have_one_winner_per_round,
    concurrent_replaces_with_retry_lose_no_update,
    rotate_moves_the_session_to_the_new_key_only,
    rotate_keeps_tokens_and_adds_new_ones,
    rotate_with_stale_version_changes_nothing,
    rotate_of_a_removed_session_conflicts,
    concurrent_rotations_have_one_winner,
    swap_tokens_replaces_tokens_and_not_the_session,
    swap_tokens_with_stale_version_changes_nothing,
    swap_tokens_conflicts_if_session_or_account_is_gone,
    rotate_leaves_the_version_of_tokens,
    concurrent_swaps_have_one_winner,
    remove_removes_the_session_with_its_tokens,
    remove_leaves_other_sessions,
    remove_all_of_removes_sessions_of_that_person_only,
    remove_all_of_removes_moved_and_replaced_sessions,
    land_moves_or_replaces_the_former_session_with_its_ending,
    land_ends_crowded_sessions_that_exist,
    land_without_an_account_drops_its_tokens,
    land_with_stale_former_version_changes_nothing,
    land_is_refused_if_a_person_signed_out_since_the_login_began,
    land_is_refused_if_the_login_counted_more_sign_outs_than_the_store,
    land_conflicts_if_the_browser_has_another_session,
    concurrent_landings_of_a_browser_leave_one_session,
    land_concurrent_with_sign_out_leaves_no_session,
    disconnect_removes_the_account_with_its_tokens_only,
    disconnect_with_stale_version_changes_nothing,
    ending_returns_the_reason_for_an_hour,
    ending_is_expired_from_the_expiry_until_after_the_absolute_timeout,
    end_returns_false_and_keeps_the_reason_of_a_session_that_ended,
    end_all_ends_sessions_that_exist_with_the_reason,
    concurrent_sign_outs_are_all_counted,
    sign_out_everywhere_beside_50_writers_of_each_kind_leaves_no_session,
    sessions_at_returns_sessions_of_that_sign_in_only,
    sessions_at_follows_a_session_through_each_write,
    sessions_at_returns_a_session_under_each_of_its_sign_ins,
    land_is_refused_if_its_sign_in_ended_since_the_login_began,
    heads_of_returns_live_sessions_of_that_person_without_listings,
    sessions_of_returns_sessions_in_order_of_login_with_sizes,
    find_returns_a_listing_of_5000_subscriptions_unchanged,
    replace_changes_the_size_of_a_session_across_piece_bounds,
    find_tokens_returns_large_tokens_unchanged,
    find_never_mixes_two_writes_of_a_large_session,
    find_returns_the_acknowledged_write_or_end_to_64_readers,
    find_returns_each_of_a_hundred_thousand_sessions,
}
