//! The promises of [`portico_domain::ports::Sessions`] and
//! [`portico_domain::ports::SessionTokens`].

mod clocks;
mod ending;
mod keeping;
mod landing;
mod many;
mod removing;
mod replacing;
mod rotating;
mod swapping;

use self::{
    clocks::*, ending::*, keeping::*, landing::*, many::*, removing::*, replacing::*, rotating::*,
    swapping::*,
};

suite! { $ sessions: Subject
    a_session_comes_back_whole,
    tokens_come_back_whole_for_their_account_alone,
    a_session_that_never_began_is_none,
    a_session_ends_at_its_very_second,
    a_session_ends_when_it_is_old_even_if_it_is_used,
    a_session_that_was_found_over_is_gone_when_the_clock_is_set_back,
    a_session_from_the_future_is_none_and_gone,
    the_version_is_that_of_the_session_as_it_is_found,
    a_working_store_says_so,
    a_replace_with_the_right_version_is_done,
    a_replace_with_a_stale_version_changes_nothing,
    a_replace_keeps_the_tokens_it_does_not_bring,
    a_replace_that_records_use_moves_the_end,
    a_replace_of_a_removed_session_does_not_bring_it_back,
    of_concurrent_replaces_one_wins_each_round,
    no_increment_of_concurrent_replaces_is_lost,
    a_rotated_session_is_at_its_new_key_alone,
    a_rotation_takes_tokens_along_and_adds_new_ones,
    a_rotation_with_a_stale_version_changes_nothing,
    a_rotation_of_a_removed_session_is_a_conflict,
    of_concurrent_rotations_one_wins,
    swapped_tokens_are_found_and_the_session_is_untouched,
    a_swap_with_a_stale_version_changes_nothing,
    tokens_of_what_has_gone_are_not_swapped,
    a_session_that_moves_leaves_its_tokens_their_version,
    of_concurrent_swaps_one_is_done,
    a_removed_session_is_gone_with_its_tokens,
    removing_a_session_leaves_the_others,
    all_sessions_of_a_person_end_and_nobody_elses,
    a_person_keeps_nothing_after_rotations_and_replacements,
    a_login_takes_the_place_of_the_former_session_and_says_so,
    a_landing_without_an_account_takes_its_tokens_not_along,
    a_landing_beside_another_write_changes_nothing,
    a_login_begun_before_its_person_signed_out_everywhere_does_not_land,
    a_login_of_a_store_of_before_does_not_land,
    of_two_landings_of_a_browser_the_second_must_know_the_first,
    of_many_answers_at_once_one_session_is_left,
    no_login_lands_after_a_sign_out_that_came_while_it_was_under_way,
    a_disconnected_account_is_gone_with_its_tokens_and_the_others_stay,
    a_disconnect_with_a_stale_version_changes_nothing,
    an_ended_session_says_why_for_an_hour,
    every_concurrent_sign_out_is_counted,
    a_persons_sessions_are_listed_in_the_order_of_their_logins_with_their_sizes,
    a_listing_of_5000_subscriptions_comes_back_whole,
    a_large_session_becomes_small_and_large_again,
    large_tokens_come_back_whole,
    readers_of_a_large_session_never_see_half_a_write,
    a_read_after_a_write_or_an_end_sees_it_with_64_readers,
    a_hundred_thousand_sessions_are_all_found,
}
