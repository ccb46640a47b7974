namespace Granary.Tests.Conformance.SelfTest;

internal static partial class Catches
{
    // A method: the fields of two parts of a class are set in no order that one could rely on.
    private static (Fault Fault, Type Suite, string Test)[] OfModels() =>
    [
        Catch<ModelCommitProbe>(Fault.WritesWithoutMoving, nameof(
            ModelCommitProbe.Rows_and_checkpoint_are_there_for_every_process_when_the_call_has_returned)),
        Catch<ModelCommitProbe>(Fault.MovesWithoutRows, nameof(
            ModelCommitProbe.Rows_and_checkpoint_are_there_for_every_process_when_the_call_has_returned)),
        Catch<ModelCommitProbe>(Fault.ForgetsTheStoreOfACheckpoint, nameof(
            ModelCommitProbe.Rows_and_checkpoint_are_there_for_every_process_when_the_call_has_returned)),
        Catch<ModelCommitProbe>(Fault.KeepsModelsInTheProcess, nameof(
            ModelCommitProbe.Rows_and_checkpoint_are_there_for_every_process_when_the_call_has_returned)),
        Catch<ModelCommitProbe>(Fault.CommitsFromAnywhere, nameof(
            ModelCommitProbe.A_commit_whose_checkpoint_is_elsewhere_changes_nothing)),
        Catch<ModelCommitProbe>(Fault.WritesRowsThoughOvertaken, nameof(
            ModelCommitProbe.A_commit_whose_checkpoint_is_elsewhere_changes_nothing)),
        Catch<ModelCommitProbe>(Fault.LooksAtRowsBeforeTheCheckpoint, nameof(
            ModelCommitProbe.A_commit_whose_checkpoint_is_elsewhere_changes_nothing)),
        Catch<ModelCommitProbe>(Fault.ForgetsTheEpochOfModels, nameof(
            ModelCommitProbe.A_later_epoch_takes_a_checkpoint_over_and_the_earlier_one_commits_no_more)),
        Catch<ModelCommitProbe>(Fault.ForgetsRevisions, nameof(
            ModelCommitProbe.A_commit_with_a_row_of_another_revision_changes_nothing)),
        Catch<ModelCommitProbe>(Fault.LandsHalfOfACommit, nameof(
            ModelCommitProbe.A_commit_with_a_row_of_another_revision_changes_nothing)),
        Catch<ModelCommitProbe>(Fault.KeepsOldDocuments, nameof(
            ModelCommitProbe.A_row_that_is_written_again_has_the_new_document_position_and_revision)),
        Catch<ModelCommitProbe>(Fault.KeepsDeletedRows, nameof(
            ModelCommitProbe.A_row_that_is_deleted_is_gone_and_may_be_written_anew)),
        Catch<ModelCommitProbe>(Fault.RefusesACommitThatLanded, nameof(
            ModelCommitProbe.A_commit_that_moves_a_checkpoint_is_answered_again_where_its_answer_was_lost)),
        Catch<ModelCommitProbe>(Fault.AppliesACommitAgain, nameof(
            ModelCommitProbe.A_commit_that_moves_a_checkpoint_is_answered_again_where_its_answer_was_lost)),
        Catch<ModelCommitProbe>(Fault.TakesTheSameMoveForARetry, nameof(
            ModelCommitProbe.Another_commit_with_the_same_move_is_no_retry_of_it)),
        Catch<ModelCommitProbe>(Fault.RefusesACommitThatLanded, nameof(
            ModelCommitProbe.A_commit_of_rows_alone_is_answered_again_as_long_as_nothing_else_has_written_them)),
        Catch<ModelCommitProbe>(Fault.ForgetsRevisions, nameof(
            ModelCommitProbe.A_commit_of_rows_alone_is_answered_again_as_long_as_nothing_else_has_written_them)),
        Catch<ModelCommitProbe>(Fault.ChecksBeforeItCommits, nameof(
            ModelCommitProbe.Of_several_owners_that_commit_at_once_from_one_position_one_commits)),
        Catch<ModelCommitProbe>(Fault.ChecksBeforeItCommits, nameof(
            ModelCommitProbe.Of_several_writers_of_one_row_at_once_one_commits)),
        Catch<ModelCommitProbe>(Fault.LosesWhatNeedNotSurvive, nameof(
            ModelCommitProbe.A_commit_is_seen_at_once_whether_or_not_it_must_survive_a_power_failure)),
        Catch<ModelCommitProbe>(Fault.CutsLargeCommits, nameof(
            ModelCommitProbe.A_commit_of_as_many_rows_as_are_allowed_lands_whole)),
        Catch<ModelCommitProbe>(Fault.KeepsTheBufferOfADocument, nameof(
            ModelCommitProbe.Nothing_of_a_commit_is_used_after_it_has_returned)),
        Catch<ModelCommitProbe>(Fault.LandsBesideATableThatIsNotThere, nameof(
            ModelCommitProbe.A_commit_into_a_table_that_is_not_there_changes_nothing)),
        Catch<ModelCommitProbe>(Fault.CommitsModelsThoughCancelled, nameof(
            ModelCommitProbe.A_commit_that_is_cancelled_before_it_begins_changes_nothing)),

        Catch<SqlModelProbe>(Fault.LosesTheWrite, nameof(
            SqlModelProbe.What_is_written_is_there_with_rows_and_checkpoint_when_the_call_has_returned)),
        Catch<SqlModelProbe>(Fault.MovesWithoutRows, nameof(
            SqlModelProbe.What_is_written_is_there_with_rows_and_checkpoint_when_the_call_has_returned)),
        Catch<SqlModelProbe>(Fault.CallsTheWriteThoughRefused, nameof(
            SqlModelProbe.Where_a_commit_is_refused_nothing_is_written_and_the_answer_is_that_of_a_commit_without_it)),
        Catch<SqlModelProbe>(Fault.CommitsFromAnywhere, nameof(
            SqlModelProbe.Where_a_commit_is_refused_nothing_is_written_and_the_answer_is_that_of_a_commit_without_it)),
        Catch<SqlModelProbe>(Fault.CallsTheWriteAgain, nameof(
            SqlModelProbe.A_commit_whose_answer_was_lost_is_answered_again_and_nothing_is_written_twice)),
        Catch<SqlModelProbe>(Fault.RefusesACommitThatLanded, nameof(
            SqlModelProbe.A_commit_whose_answer_was_lost_is_answered_again_and_nothing_is_written_twice)),
        Catch<SqlModelProbe>(Fault.LandsThoughTheWriteThrows, nameof(
            SqlModelProbe.What_the_write_throws_is_thrown_as_it_is_and_everything_is_rolled_back)),
        Catch<SqlModelProbe>(Fault.WrapsWhatTheWriteThrows, nameof(
            SqlModelProbe.What_the_write_throws_is_thrown_as_it_is_and_everything_is_rolled_back)),
        Catch<SqlModelProbe>(Fault.LosesTheWrite, nameof(
            SqlModelProbe.An_error_that_the_write_hides_leaves_everything_or_nothing)),
        Catch<SqlModelProbe>(Fault.WrapsWhatTheCommitRefuses, nameof(
            SqlModelProbe.What_the_database_refuses_at_the_commit_is_an_error_of_the_write_and_nothing_lands)),
        Catch<SqlModelProbe>(Fault.LosesTheWrite, nameof(
            SqlModelProbe.A_reader_that_the_write_leaves_open_is_an_error_of_the_write_or_none)),
        Catch<SqlModelProbe>(Fault.CancelsNoWrite, nameof(
            SqlModelProbe.A_write_that_is_cancelled_is_rolled_back)),
        Catch<SqlModelProbe>(Fault.ShowsRowsBeforeTheWrite, nameof(
            SqlModelProbe.Nothing_is_seen_by_others_before_the_write_has_returned)),
        Catch<SqlModelProbe>(Fault.KeepsTheSession, nameof(
            SqlModelProbe.What_is_left_in_the_session_is_not_there_for_the_next_write)),
        Catch<SqlModelProbe>(Fault.ChecksBeforeItCommits, nameof(
            SqlModelProbe.Of_several_owners_that_write_at_once_from_one_position_one_does)),

        Catch<ModelStoreProbe>(Fault.EmptiesATableThatIsThere, nameof(
            ModelStoreProbe.A_table_is_created_once_also_by_several_at_once_and_keeps_its_rows)),
        Catch<ModelStoreProbe>(Fault.TakesOtherColumns, nameof(
            ModelStoreProbe.A_table_that_is_there_with_other_columns_is_refused_and_stays)),
        Catch<ModelStoreProbe>(Fault.CutsNamesOfTables, nameof(
            ModelStoreProbe.A_table_has_as_many_columns_and_as_long_names_as_are_allowed)),
        Catch<ModelStoreProbe>(Fault.KeepsDroppedTables, nameof(
            ModelStoreProbe.A_table_that_is_dropped_is_gone_with_its_rows_and_no_other_is_touched)),
        Catch<ModelStoreProbe>(Fault.DropsNulsOfDocuments, nameof(
            ModelStoreProbe.A_document_is_read_back_as_the_same_JSON_and_what_is_no_JSON_is_refused)),
        Catch<ModelStoreProbe>(Fault.CutsLargeDocuments, nameof(
            ModelStoreProbe.The_largest_documents_are_read_back_whole)),
        Catch<ModelStoreProbe>(Fault.TakesModelsForOneAnother, nameof(
            ModelStoreProbe.Keys_that_look_alike_are_different_rows)),
        Catch<ModelStoreProbe>(Fault.CutsKeysAtNul, nameof(
            ModelStoreProbe.Keys_that_look_alike_are_different_rows)),
        Catch<ModelStoreProbe>(Fault.CutsLongKeys, nameof(
            ModelStoreProbe.Keys_that_look_alike_are_different_rows)),
        Catch<ModelStoreProbe>(Fault.ReadsAKeyTwice, nameof(
            ModelStoreProbe.Of_the_keys_that_are_read_those_with_a_row_have_one_each)),
        Catch<ModelStoreProbe>(Fault.ReadsAnyNumberOfKeys, nameof(
            ModelStoreProbe.Of_the_keys_that_are_read_those_with_a_row_have_one_each)),
        Catch<ModelStoreProbe>(Fault.ForgetsViews, nameof(
            ModelStoreProbe.A_view_keeps_its_name_from_tables_until_the_table_that_it_shows_is_dropped)),
        Catch<ModelStoreProbe>(Fault.KeepsViewsOfDroppedTables, nameof(
            ModelStoreProbe.A_view_keeps_its_name_from_tables_until_the_table_that_it_shows_is_dropped)),
        Catch<ModelStoreProbe>(Fault.LetsViewsHaveNamesOfTables, nameof(
            ModelStoreProbe.A_commit_with_a_view_that_cannot_be_changes_nothing)),
        Catch<ModelStoreProbe>(Fault.ShowsThoughOvertaken, nameof(
            ModelStoreProbe.A_view_is_not_changed_by_a_commit_that_is_overtaken)),
        Catch<ModelStoreProbe>(Fault.TakesReadersForOneAnother, nameof(
            ModelStoreProbe.Readers_whose_names_look_alike_and_partitions_have_checkpoints_of_their_own)),
        Catch<ModelStoreProbe>(Fault.HasOneReaderForAllPartitions, nameof(
            ModelStoreProbe.Readers_whose_names_look_alike_and_partitions_have_checkpoints_of_their_own)),
        Catch<ModelStoreProbe>(Fault.DeletesAReaderInOnePartition, nameof(
            ModelStoreProbe.Checkpoints_that_are_deleted_stand_at_the_start_and_no_others_are_touched)),
        Catch<ModelStoreProbe>(Fault.KeepsModelsInTheProcess, nameof(
            ModelStoreProbe.Everything_is_there_when_the_store_is_opened_again)),
        Catch<ModelStoreProbe>(Fault.ForgetsViews, nameof(
            ModelStoreProbe.Everything_is_there_when_the_store_is_opened_again)),
        Catch<ModelStoreProbe>(Fault.BeginsModelsAnewAtEachStart, nameof(
            ModelStoreProbe.Making_the_model_store_ready_again_changes_nothing_also_by_several_at_once)),
        Catch<ModelStoreProbe>(Fault.UsesModelsThoughCancelled, nameof(
            ModelStoreProbe.A_call_that_is_cancelled_throws_and_changes_nothing)),

        Catch<ModelQueryProbe>(Fault.TakesLessOrEqualForLess, nameof(
            ModelQueryProbe.Every_comparison_finds_its_rows_and_no_others)),
        Catch<ModelQueryProbe>(Fault.OrdersByUtf16, nameof(
            ModelQueryProbe.Every_comparison_finds_its_rows_and_no_others)),
        Catch<ModelQueryProbe>(Fault.FiltersNoNulls, nameof(
            ModelQueryProbe.Null_is_equal_to_null_and_nothing_else_is_true_of_it)),
        Catch<ModelQueryProbe>(Fault.TakesNullForLess, nameof(
            ModelQueryProbe.Null_is_equal_to_null_and_nothing_else_is_true_of_it)),
        Catch<ModelQueryProbe>(Fault.LooksAtOneCondition, nameof(
            ModelQueryProbe.A_row_is_found_where_every_condition_is_true)),
        Catch<ModelQueryProbe>(Fault.OrdersByUtf16, nameof(
            ModelQueryProbe.Rows_are_found_by_their_keys_in_the_order_of_UTF_8)),
        Catch<ModelQueryProbe>(Fault.ComparesValuesAsTheyAre, nameof(
            ModelQueryProbe.A_value_is_found_as_its_column_holds_it)),
        Catch<ModelQueryProbe>(Fault.KeepsOldColumns, nameof(
            ModelQueryProbe.Rows_are_found_by_the_values_that_they_have_now)),
        Catch<ModelQueryProbe>(Fault.TakesEveryQuery, nameof(
            ModelQueryProbe.A_query_that_is_not_allowed_is_refused)),

        Catch<ModelPageProbe>(Fault.SkipsTies, nameof(
            ModelPageProbe.Pages_hold_every_row_once_in_order_null_first_and_ties_by_key)),
        Catch<ModelPageProbe>(Fault.OrdersNullLast, nameof(
            ModelPageProbe.Pages_hold_every_row_once_in_order_null_first_and_ties_by_key)),
        Catch<ModelPageProbe>(Fault.ReversesNoKeys, nameof(
            ModelPageProbe.Pages_hold_every_row_once_in_order_null_first_and_ties_by_key)),
        Catch<ModelPageProbe>(Fault.OrdersByUtf16, nameof(
            ModelPageProbe.Pages_hold_every_row_once_in_order_null_first_and_ties_by_key)),
        Catch<ModelPageProbe>(Fault.OrdersByUtf16, nameof(
            ModelPageProbe.Without_a_column_pages_are_in_the_order_of_the_keys)),
        Catch<ModelPageProbe>(Fault.ReversesNoKeys, nameof(
            ModelPageProbe.Without_a_column_pages_are_in_the_order_of_the_keys)),
        Catch<ModelPageProbe>(Fault.ForgetsConditionsAfterAPage, nameof(
            ModelPageProbe.Pages_of_a_query_with_conditions_hold_the_rows_that_meet_them)),
        Catch<ModelPageProbe>(Fault.LooksForTheLastRow, nameof(
            ModelPageProbe.The_next_page_begins_after_the_last_row_also_where_that_was_deleted_or_has_moved)),
        Catch<ModelPageProbe>(Fault.ForgetsTheBytesOfAPage, nameof(
            ModelPageProbe.A_page_is_within_its_bytes_but_for_the_first_row)),
        Catch<ModelPageProbe>(Fault.NamesANextPageAlways, nameof(
            ModelPageProbe.A_page_of_no_rows_is_empty_and_the_last)),
        Catch<ModelPageProbe>(Fault.CutsPages, nameof(
            ModelPageProbe.As_many_rows_as_are_allowed_are_on_one_page)),
    ];
}
