//! The cases that every provider passes.

mod cut_off;
mod faults;
mod keys;
mod manage;
mod register;
mod rotate;
mod tokens;
mod verify;

use std::future::Future;
use std::pin::Pin;

use crate::bench::Bench;
use crate::outcome::Outcome;

type Case = fn(Bench) -> Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// A name and the function that plays it.
macro_rules! cases {
    ($($case:path),* $(,)?) => {
        pub(crate) const CASES: &[(&str, Case)] = &[
            $((stringify!($case), |bench| Box::pin($case(bench)))),*
        ];
    };
}

cases![
    verify::passes_and_changes_nothing,
    verify::names_a_wrong_admin_secret,
    verify::refuses_another_issuer,
    verify::f13_tells_of_a_server_that_is_down,
    register::sheet_has_a_line_and_a_reason_for_everything,
    register::plan_names_the_steps_that_are_sent,
    register::minimal,
    register::full,
    register::granted_less,
    register::refused_for_its_metadata,
    register::refused_for_the_admin_secret,
    register::nothing_is_sent_that_was_not_written_down,
    faults::f14_rate_limit_is_told,
    faults::f14_rate_limit_is_waited_for,
    faults::f15_server_error_is_a_refusal_with_words,
    faults::f16_cut_answer_is_an_unknown_outcome,
    faults::f16_endless_answer_is_an_unknown_outcome,
    cut_off::f12_lost_answer_at_each_step,
    cut_off::f01_ended_before_each_step_and_resumed,
    cut_off::f01_half_made_client_can_be_deleted,
    cut_off::f12_lost_client_is_found_by_its_mark,
    cut_off::f12_lost_client_is_found_and_finished,
    manage::read,
    manage::read_by_client_id_alone,
    manage::f20_read_of_a_deleted_client,
    manage::update,
    manage::list,
    manage::delete,
    manage::delete_by_client_id_alone,
    manage::f20_already_deleted,
    rotate::new_secret_works,
    rotate::f19_with_overlap,
    rotate::retire_leaves_the_new_secret,
    keys::registered_client_gets_a_token,
    keys::key_is_replaced_with_an_overlap,
    keys::key_takes_the_place_of_a_secret,
    keys::f01_update_of_the_keys_ended_before_each_step,
    keys::f12_update_of_the_keys_with_a_lost_answer,
    keys::wrong_assertions_are_refused,
    tokens::token,
    tokens::f17_settles_after_registration,
    tokens::refused_for_the_secret,
    tokens::refused_for_the_scope,
    tokens::f20_refused_after_deletion,
    tokens::three_kinds_of_credentials_at_the_gateway,
    tokens::adopted_by_id_and_secret,
    tokens::adopted_with_a_wrong_secret,
    tokens::no_secret_is_recorded_or_printed,
];
