namespace Granary.Tests.Conformance.SelfTest;

/// <summary>Which test has to fail when which promise is broken.</summary>
internal static partial class Catches
{
    public static readonly (Fault Fault, Type Suite, string Test)[] All =
    [
        .. OfModels(),

        Catch<AppendingProbe>(Fault.DropsMetadata, nameof(
            AppendingProbe.An_event_is_read_back_as_it_was_given)),
        Catch<AppendingProbe>(Fault.CutsTypesAtNul, nameof(
            AppendingProbe.The_names_of_types_that_look_alike_are_kept_apart)),
        Catch<AppendingProbe>(Fault.TakesNamesForOneAnother, nameof(
            AppendingProbe.Names_that_look_alike_are_different_streams)),
        Catch<AppendingProbe>(Fault.CutsLongNames, nameof(
            AppendingProbe.The_longest_names_are_kept_apart_to_their_last_character)),
        Catch<AppendingProbe>(Fault.ReversesAnAppend, nameof(
            AppendingProbe.The_events_of_an_append_are_adjacent_and_in_order)),
        Catch<AppendingProbe>(Fault.AnswersWithTheFirstEvent, nameof(
            AppendingProbe.An_append_is_answered_with_the_version_position_and_time_of_its_last_event)),
        Catch<AppendingProbe>(Fault.CutsTimeToMilliseconds, nameof(
            AppendingProbe.Time_stamps_are_whole_microseconds_of_UTC)),
        Catch<AppendingProbe>(Fault.ChecksABatchAgainstItsStart, nameof(
            AppendingProbe.Appends_of_a_batch_see_those_before_them)),
        Catch<AppendingProbe>(Fault.FailsTheBatchOnAConflict, nameof(
            AppendingProbe.A_conflict_in_a_batch_changes_nothing_and_hinders_no_other)),
        Catch<AppendingProbe>(Fault.LandsHalfOfAConflict, nameof(
            AppendingProbe.An_append_lands_whole_or_not_at_all)),
        Catch<AppendingProbe>(Fault.LandsHalfOfAConflict, nameof(
            AppendingProbe.A_conflict_in_a_batch_changes_nothing_and_hinders_no_other)),
        Catch<AppendingProbe>(Fault.KeepsTheCallersBuffer, nameof(
            AppendingProbe.Nothing_of_a_batch_is_used_after_the_commit_has_returned)),
        Catch<AppendingProbe>(Fault.CutsLongAppends, nameof(
            AppendingProbe.A_batch_of_many_appends_and_an_append_of_many_events_land_whole)),
        Catch<AppendingProbe>(Fault.CutsLongBatches, nameof(
            AppendingProbe.A_batch_of_many_appends_and_an_append_of_many_events_land_whole)),
        Catch<AppendingProbe>(Fault.CutsContentTypes, nameof(
            AppendingProbe.An_event_is_read_back_as_it_was_given)),
        Catch<AppendingProbe>(Fault.KeepsATypeAsItCameFirst, nameof(
            AppendingProbe.Events_of_one_type_keep_the_schema_version_and_the_content_type_of_each)),

        Catch<ExpectedVersionProbe>(Fault.ForgetsTheVersion, nameof(
            ExpectedVersionProbe.An_append_lands_where_its_expected_version_is_met_and_only_there)),
        Catch<ExpectedVersionProbe>(Fault.ForgetsThePosition, nameof(
            ExpectedVersionProbe.A_writer_with_a_position_of_the_old_generation_cannot_write_into_the_new_one)),
        Catch<ExpectedVersionProbe>(Fault.ForgetsThePosition, nameof(
            ExpectedVersionProbe.An_append_lands_where_its_expected_version_is_met_and_only_there)),
        Catch<ExpectedVersionProbe>(Fault.BelievesItsOwnHeads, nameof(
            ExpectedVersionProbe.Of_two_writers_that_expect_the_same_version_one_wins)),
        Catch<ExpectedVersionProbe>(Fault.BelievesItsOwnHeads, nameof(
            ExpectedVersionProbe.Two_writers_racing_on_one_stream_lose_and_double_nothing)),
        Catch<ExpectedVersionProbe>(Fault.ForgetsTheVersion, nameof(
            ExpectedVersionProbe.Two_writers_racing_on_one_stream_lose_and_double_nothing)),
        Catch<ExpectedVersionProbe>(Fault.RefusesByItsOwnHeads, nameof(
            ExpectedVersionProbe.A_refusal_is_decided_on_what_others_have_stored)),
        Catch<ExpectedVersionProbe>(Fault.CutsExpectedPositions, nameof(
            ExpectedVersionProbe.An_append_lands_where_its_expected_version_is_met_and_only_there)),
        Catch<ExpectedVersionProbe>(Fault.CutsExpectedVersions, nameof(
            ExpectedVersionProbe.An_append_lands_where_its_expected_version_is_met_and_only_there)),

        Catch<IdempotenceProbe>(Fault.ForgetsAppendIds, nameof(
            IdempotenceProbe.A_retry_is_answered_with_the_version_position_and_time_of_then)),
        Catch<IdempotenceProbe>(Fault.KeepsAppendIdsInTheProcess, nameof(
            IdempotenceProbe.A_retry_is_answered_with_the_version_position_and_time_of_then)),
        Catch<IdempotenceProbe>(Fault.AnswersARetryWithNow, nameof(
            IdempotenceProbe.A_retry_is_answered_with_the_version_position_and_time_of_then)),
        Catch<IdempotenceProbe>(Fault.LooksInTheWindowOnly, nameof(
            IdempotenceProbe.A_retry_that_expects_a_version_is_found_at_any_distance)),
        Catch<IdempotenceProbe>(Fault.LooksAtOneEventLess, nameof(
            IdempotenceProbe.A_retry_that_expects_no_version_is_found_among_the_last_1000_events)),
        Catch<IdempotenceProbe>(Fault.ForgetsTheIdsOfTheCleared, nameof(
            IdempotenceProbe.A_retry_is_found_though_the_stream_was_cleared_since)),
        Catch<IdempotenceProbe>(Fault.TrustsAVersionThatIsMetAgain, nameof(
            IdempotenceProbe.A_retry_is_found_though_the_stream_was_cleared_since)),
        Catch<IdempotenceProbe>(Fault.LooksAtOneEventLess, nameof(
            IdempotenceProbe.A_retry_is_found_among_the_last_1000_events_the_cleared_ones_included)),
        Catch<IdempotenceProbe>(Fault.TakesAnyEventForTheRetry, nameof(
            IdempotenceProbe.Another_append_at_the_version_of_a_cleared_one_is_no_retry)),
        Catch<IdempotenceProbe>(Fault.ChecksABatchAgainstItsStart, nameof(
            IdempotenceProbe.A_retry_in_the_batch_of_the_append_itself_is_found)),
        Catch<IdempotenceProbe>(Fault.KeepsAppendIdsInTheProcess, nameof(
            IdempotenceProbe.Of_two_retries_at_once_one_at_most_lands)),
        Catch<IdempotenceProbe>(Fault.FindsIdsInOtherStreams, nameof(
            IdempotenceProbe.The_same_id_on_another_stream_is_another_append)),
        Catch<IdempotenceProbe>(Fault.TakesAnyEventForTheRetry, nameof(
            IdempotenceProbe.Another_append_after_the_same_version_is_no_retry)),
        Catch<IdempotenceProbe>(Fault.ReadsEventIdsAsAppendIds, nameof(
            IdempotenceProbe.An_append_may_have_the_id_of_its_first_event)),
        Catch<IdempotenceProbe>(Fault.TakesEventIdsForAppendIds, nameof(
            IdempotenceProbe.An_append_with_the_id_of_an_event_of_another_append_is_no_retry)),
        Catch<IdempotenceProbe>(Fault.ForgetsTheIdOfAClearing, nameof(
            IdempotenceProbe.A_retry_of_a_clearing_is_found_and_leaves_the_new_generation_unchanged)),
        Catch<IdempotenceProbe>(Fault.FindsTheLastClearingOnly, nameof(
            IdempotenceProbe.A_retry_of_a_clearing_is_found_after_later_clearings_of_the_stream)),
        Catch<IdempotenceProbe>(Fault.ClearsAgainAtTheSameVersion, nameof(
            IdempotenceProbe.A_retry_of_a_clearing_is_found_after_later_clearings_of_the_stream)),
        Catch<IdempotenceProbe>(Fault.WantsUniqueEventIds, nameof(
            IdempotenceProbe.Another_append_may_have_events_with_ids_that_are_stored)),
        Catch<IdempotenceProbe>(Fault.FindsTheFirstGenerationOnly, nameof(
            IdempotenceProbe.A_retry_is_found_whichever_generation_its_append_was_of)),

        Catch<OrderProbe>(Fault.CountsPositionsByItself, nameof(
            OrderProbe.Positions_and_versions_have_no_gaps_under_concurrent_writers)),
        Catch<OrderProbe>(Fault.ShowsTheLaterFirst, nameof(
            OrderProbe.A_reader_of_the_log_never_reads_a_position_before_the_one_below_it)),
        Catch<OrderProbe>(Fault.ShowsTheLaterFirst, nameof(
            OrderProbe.A_reader_of_a_stream_reads_its_versions_in_order_and_all_up_to_its_head)),
        Catch<OrderProbe>(Fault.BringsOldEventsBack, nameof(
            OrderProbe.A_reader_of_a_stream_that_is_cleared_meanwhile_reads_one_generation_and_never_a_mix)),
        Catch<OrderProbe>(Fault.SeesItsOwnCommitsOnly, nameof(
            OrderProbe.What_a_commit_has_acknowledged_is_read_by_every_instance_at_once)),
        Catch<OrderProbe>(Fault.KeepsAllInOnePartition, nameof(
            OrderProbe.A_partition_has_positions_of_its_own_and_the_streams_that_belong_to_it)),
        Catch<OrderProbe>(Fault.LetsTimeGoBack, nameof(
            OrderProbe.Recorded_time_never_goes_back_within_a_partition)),
        Catch<OrderProbe>(Fault.KeepsTimeInTheProcess, nameof(
            OrderProbe.Recorded_time_never_goes_back_within_a_partition)),
        Catch<OrderProbe>(Fault.IgnoresTheTimeOfACopy, nameof(
            OrderProbe.An_append_that_is_copied_keeps_its_time_as_long_as_time_does_not_go_back)),
        Catch<OrderProbe>(Fault.LetsTimeGoBack, nameof(
            OrderProbe.An_append_that_is_copied_keeps_its_time_as_long_as_time_does_not_go_back)),
        Catch<OrderProbe>(Fault.LosesAPositionToAConflict, nameof(
            OrderProbe.What_is_refused_leaves_no_gap)),
        Catch<OrderProbe>(Fault.WritesThoughCancelled, nameof(
            OrderProbe.What_is_refused_leaves_no_gap)),
        Catch<OrderProbe>(Fault.FailsWhenUsedAtOnce, nameof(
            OrderProbe.An_instance_may_be_used_by_many_at_once)),

        Catch<ReadingProbe>(Fault.StreamAfterIsInclusive, nameof(
            ReadingProbe.After_is_exclusive)),
        Catch<ReadingProbe>(Fault.LogAfterIsInclusive, nameof(
            ReadingProbe.After_is_exclusive)),
        Catch<ReadingProbe>(Fault.WrapsBeyondTheEnd, nameof(
            ReadingProbe.Reading_from_the_end_or_beyond_it_is_empty)),
        Catch<ReadingProbe>(Fault.ForgetsThePartitionOfTheAbsent, nameof(
            ReadingProbe.A_stream_that_never_was_is_empty_and_at_version_0)),
        Catch<ReadingProbe>(Fault.HeadHasTheFirstTime, nameof(
            ReadingProbe.The_head_is_where_a_stream_ends_and_when_it_was_written)),
        Catch<ReadingProbe>(Fault.EndsAfterThousandEvents, nameof(
            ReadingProbe.A_long_stream_is_read_whole_from_any_version)),
        Catch<ReadingProbe>(Fault.StoppedReaderHoldsUpWriters, nameof(
            ReadingProbe.A_reader_may_stop_at_any_event)),
        Catch<ReadingProbe>(Fault.ReaderHoldsUpWriters, nameof(
            ReadingProbe.A_reader_that_dawdles_hinders_no_writer_and_no_reader)),
        Catch<ReadingProbe>(Fault.ClearsWhatWasRead, nameof(
            ReadingProbe.What_was_read_stays_as_it_was)),
        Catch<ReadingProbe>(Fault.EndsAfterFourMebibytes, nameof(
            ReadingProbe.The_largest_events_are_read_whole_however_many_there_are)),

        Catch<ClearingProbe>(Fault.GoesOnWithTheVersion, nameof(
            ClearingProbe.A_cleared_stream_is_empty_and_starts_again_at_version_0)),
        Catch<ClearingProbe>(Fault.BringsOldEventsBack, nameof(
            ClearingProbe.Nothing_of_a_cleared_generation_comes_back)),
        Catch<ClearingProbe>(Fault.KeepsClearedPayloads, nameof(
            ClearingProbe.What_was_cleared_is_left_in_the_log_as_tombstones_without_payload_or_metadata)),
        Catch<ClearingProbe>(Fault.KeepsClearedMetadata, nameof(
            ClearingProbe.What_was_cleared_is_left_in_the_log_as_tombstones_without_payload_or_metadata)),
        Catch<ClearingProbe>(Fault.MarksNoClearing, nameof(
            ClearingProbe.What_was_cleared_is_left_in_the_log_as_tombstones_without_payload_or_metadata)),
        Catch<ClearingProbe>(Fault.MarksClearingsOfNothing, nameof(
            ClearingProbe.Clearing_a_stream_without_events_writes_nothing)),
        Catch<ClearingProbe>(Fault.ClearsWithoutLooking, nameof(
            ClearingProbe.Clearing_expects_a_version_as_any_append_does)),
        Catch<ClearingProbe>(Fault.ChecksABatchAgainstItsStart, nameof(
            ClearingProbe.Clearing_in_a_batch_counts_for_the_appends_after_it)),
        Catch<ClearingProbe>(Fault.KeepsSnapshotsOfTheCleared, nameof(
            ClearingProbe.Clearing_drops_the_snapshots_of_that_stream_alone)),
        Catch<ClearingProbe>(Fault.DropsSnapshotsOfOthers, nameof(
            ClearingProbe.Clearing_drops_the_snapshots_of_that_stream_alone)),
        Catch<ClearingProbe>(Fault.ClearsTheLastThousand, nameof(
            ClearingProbe.A_long_stream_is_cleared_whole)),
        Catch<ClearingProbe>(Fault.ShowsWhatIsNotScrubbed, nameof(
            ClearingProbe.What_was_cleared_is_left_in_the_log_as_tombstones_without_payload_or_metadata)),
        Catch<ClearingProbe>(Fault.ShowsWhatIsNotScrubbed, nameof(
            ClearingProbe.What_is_cleared_reads_as_tombstones_in_every_instance_before_it_is_scrubbed)),
        Catch<ClearingProbe>(Fault.ShowsWhatIsNotScrubbed, nameof(
            ClearingProbe.What_is_cleared_is_scrubbed_in_steps_that_no_reader_notices)),
        Catch<ClearingProbe>(Fault.ScrubsAllAtOnce, nameof(
            ClearingProbe.What_is_cleared_is_scrubbed_in_steps_that_no_reader_notices)),
        Catch<ClearingProbe>(Fault.ScrubsAwayTheEvent, nameof(
            ClearingProbe.What_is_cleared_is_scrubbed_in_steps_that_no_reader_notices)),
        Catch<ClearingProbe>(Fault.ScrubsWhatCameSince, nameof(
            ClearingProbe.A_stream_that_is_cleared_again_before_it_is_scrubbed_keeps_what_came_since)),
        Catch<ClearingProbe>(Fault.ScrubsIds, nameof(
            ClearingProbe.A_retry_is_found_before_and_after_its_events_are_scrubbed)),
        Catch<ClearingProbe>(Fault.ForgetsWhatIsLeft, nameof(
            ClearingProbe.Any_instance_scrubs_what_another_has_cleared)),
        Catch<ClearingProbe>(Fault.AlwaysHasMoreToScrub, nameof(
            ClearingProbe.Scrubbing_where_nothing_is_left_does_nothing)),
        Catch<ClearingProbe>(Fault.TakesAStepOfNothing, nameof(
            ClearingProbe.A_step_of_no_event_is_refused)),

        Catch<TruncationProbe>(Fault.TruncatesTheEventThatStays, nameof(
            TruncationProbe.The_events_before_the_version_are_removed_and_the_stream_stays_at_its_own)),
        Catch<TruncationProbe>(Fault.BeginsAtVersionOne, nameof(
            TruncationProbe.The_events_before_the_version_are_removed_and_the_stream_stays_at_its_own)),
        Catch<TruncationProbe>(Fault.BeginsNowhere, nameof(
            TruncationProbe.A_stream_that_was_not_truncated_begins_at_version_1)),
        Catch<TruncationProbe>(Fault.ReadsOnAtTheFirstThatIsLeft, nameof(
            TruncationProbe.Reading_what_was_removed_is_an_error_that_says_where_the_stream_begins)),
        Catch<TruncationProbe>(Fault.TruncatesTheEventThatStays, nameof(
            TruncationProbe.A_page_backward_ends_at_the_first_event_that_is_left)),
        Catch<TruncationProbe>(Fault.KeepsClearedPayloads, nameof(
            TruncationProbe.What_was_removed_is_left_in_the_log_as_tombstones_without_payload_or_metadata)),
        Catch<TruncationProbe>(Fault.KeepsClearedMetadata, nameof(
            TruncationProbe.What_was_removed_is_left_in_the_log_as_tombstones_without_payload_or_metadata)),
        Catch<TruncationProbe>(Fault.ShowsWhatIsNotScrubbed, nameof(
            TruncationProbe.Every_instance_sees_it_at_once)),
        Catch<TruncationProbe>(Fault.ForgetsTruncationsAtOpening, nameof(
            TruncationProbe.Every_instance_sees_it_at_once)),
        Catch<TruncationProbe>(Fault.ForgetsTruncationsAtOpening, nameof(
            TruncationProbe.A_truncation_is_there_when_the_store_is_opened_again)),
        Catch<TruncationProbe>(Fault.ScrubsAllAtOnce, nameof(
            TruncationProbe.Its_content_is_scrubbed_in_steps_that_no_reader_notices)),
        Catch<TruncationProbe>(Fault.ShowsWhatIsNotScrubbed, nameof(
            TruncationProbe.Its_content_is_scrubbed_in_steps_that_no_reader_notices)),
        Catch<TruncationProbe>(Fault.TruncatesAgainFromTheStart, nameof(
            TruncationProbe.Truncating_again_removes_what_is_new_and_no_more)),
        Catch<TruncationProbe>(Fault.RefusesARetryOfATruncation, nameof(
            TruncationProbe.A_retry_and_an_earlier_version_change_nothing_and_are_true)),
        Catch<TruncationProbe>(Fault.TruncatesWithoutLooking, nameof(
            TruncationProbe.Nothing_is_removed_where_the_event_is_not_at_its_position)),
        Catch<TruncationProbe>(Fault.TruncatesWithoutLooking, nameof(
            TruncationProbe.A_truncation_of_a_generation_that_was_cleared_leaves_the_new_one_as_it_is)),
        Catch<TruncationProbe>(Fault.BeginsWhereTheLastGenerationDid, nameof(
            TruncationProbe.A_truncation_of_a_generation_that_was_cleared_leaves_the_new_one_as_it_is)),
        Catch<TruncationProbe>(Fault.BeginsWhereTheLastGenerationDid, nameof(
            TruncationProbe.A_stream_that_is_cleared_after_a_truncation_begins_anew)),
        Catch<TruncationProbe>(Fault.ScrubsIds, nameof(
            TruncationProbe.An_append_is_found_by_its_id_though_its_events_were_removed)),
        Catch<TruncationSnapshotProbe>(Fault.KeepsSnapshotsOfTheTruncated, nameof(
            TruncationSnapshotProbe.Snapshots_of_earlier_versions_go_and_later_ones_stay)),
        Catch<TruncationSnapshotProbe>(Fault.DropsEverySnapshotOfTheTruncated, nameof(
            TruncationSnapshotProbe.Snapshots_of_earlier_versions_go_and_later_ones_stay)),
        Catch<TruncationSnapshotProbe>(Fault.KeepsLateSnapshotsOfTheTruncated, nameof(
            TruncationSnapshotProbe.Snapshots_of_earlier_versions_go_and_later_ones_stay)),
        Catch<TruncationSnapshotProbe>(Fault.DropsTheSnapshotWhereAStreamBegins, nameof(
            TruncationSnapshotProbe.The_snapshot_of_the_version_at_which_the_stream_begins_is_kept_beside_the_newest)),
        Catch<TruncationSnapshotProbe>(Fault.ForgetsTheSnapshotOfATruncation, nameof(
            TruncationSnapshotProbe.The_snapshot_of_a_truncation_is_kept_with_it_and_nothing_prunes_or_replaces_it)),
        Catch<TruncationSnapshotProbe>(Fault.ReplacesTheSnapshotOfATruncation, nameof(
            TruncationSnapshotProbe.The_snapshot_of_a_truncation_is_kept_with_it_and_nothing_prunes_or_replaces_it)),
        Catch<TruncationSnapshotProbe>(Fault.DropsTheSnapshotWhereAStreamBegins, nameof(
            TruncationSnapshotProbe.The_snapshot_of_a_truncation_is_kept_with_it_and_nothing_prunes_or_replaces_it)),
        Catch<TruncationSnapshotProbe>(Fault.KeepsTheSnapshotOfNoTruncation, nameof(
            TruncationSnapshotProbe.The_snapshot_of_a_truncation_that_removes_nothing_is_not_kept)),
        Catch<TruncationSnapshotProbe>(Fault.KeepsTheSnapshotWhereAnEarlierGenerationBegan, nameof(
            TruncationSnapshotProbe.A_new_generation_keeps_and_replaces_its_snapshots_whatever_the_old_one_began_at)),
        Catch<TruncationSnapshotProbe>(Fault.TakesAnySnapshotOfATruncation, nameof(
            TruncationSnapshotProbe.A_snapshot_of_another_event_is_refused)),
        Catch<TruncationProbe>(Fault.TruncatesThousandEventsAtMost, nameof(
            TruncationProbe.A_long_stream_is_truncated_at_any_version)),
        Catch<TruncationProbe>(Fault.TruncatesThoughCancelled, nameof(
            TruncationProbe.What_is_no_truncation_is_refused)),

        Catch<CatalogProbe>(Fault.ListsAFirstPageOnly, nameof(
            CatalogProbe.Every_stream_is_listed_once_whatever_the_size_of_a_page)),
        Catch<CatalogProbe>(Fault.ListsEveryCategory, nameof(
            CatalogProbe.The_streams_of_a_category_are_listed_alone)),
        Catch<CatalogProbe>(Fault.ListsByTheLastEvent, nameof(
            CatalogProbe.The_order_is_the_same_in_every_instance_and_whenever_it_is_read)),
        Catch<CatalogProbe>(Fault.ForgetsTheNamesOfTheCleared, nameof(
            CatalogProbe.A_stream_that_was_cleared_is_listed_and_one_that_never_held_an_event_is_not)),
        Catch<CatalogProbe>(Fault.CountsTheNamesListed, nameof(
            CatalogProbe.A_stream_that_is_listed_already_does_not_come_again_when_others_begin)),
        Catch<CatalogProbe>(Fault.AlwaysHasAnotherPage, nameof(
            CatalogProbe.An_empty_store_has_one_empty_page)),
        Catch<CatalogProbe>(Fault.TakesAnyCursor, nameof(
            CatalogProbe.What_is_no_page_is_refused)),

        Catch<SnapshotProbe>(Fault.ForgetsTheSnapshotsPosition, nameof(
            SnapshotProbe.A_snapshot_is_read_back_as_it_was_given)),
        Catch<SnapshotProbe>(Fault.ForgetsTheVersionBound, nameof(
            SnapshotProbe.The_newest_one_up_to_a_version_is_read)),
        Catch<SnapshotProbe>(Fault.ForgetsTheInstantBound, nameof(
            SnapshotProbe.The_newest_one_up_to_an_instant_is_read)),
        Catch<SnapshotProbe>(Fault.KeepsTheFirstSnapshot, nameof(
            SnapshotProbe.One_of_the_same_version_is_replaced)),
        Catch<SnapshotProbe>(Fault.KeepsEverySnapshot, nameof(
            SnapshotProbe.The_oldest_beyond_the_number_kept_go)),
        Catch<SnapshotProbe>(Fault.CountsASnapshotAsAnEvent, nameof(
            SnapshotProbe.A_snapshot_leaves_the_stream_as_it_is)),

        Catch<SnapshotProbe>(Fault.KeepsLateSnapshotsOfTheCleared, nameof(
            SnapshotProbe.A_snapshot_of_what_was_cleared_is_ignored_however_late_it_is_written)),
        Catch<SnapshotProbe>(Fault.KeepsSnapshotsItHasRead, nameof(
            SnapshotProbe.What_another_instance_has_written_or_cleared_is_read_at_once)),
        Catch<SnapshotProbe>(Fault.CutsLargeSnapshots, nameof(
            SnapshotProbe.A_large_snapshot_is_read_back_whole)),

        Catch<LogPageProbe>(Fault.FiltersNoCategories, nameof(
            LogPageProbe.Pages_hold_every_event_that_the_filter_takes_and_no_other)),
        Catch<LogPageProbe>(Fault.FiltersNoTypes, nameof(
            LogPageProbe.Pages_hold_every_event_that_the_filter_takes_and_no_other)),
        Catch<LogPageProbe>(Fault.ForgetsThePagesLimit, nameof(
            LogPageProbe.Pages_hold_every_event_that_the_filter_takes_and_no_other)),
        Catch<LogPageProbe>(Fault.ForgetsThePagesBytes, nameof(
            LogPageProbe.Pages_of_large_events_are_within_the_bytes_of_a_page)),
        Catch<LogPageProbe>(Fault.StandsStillOverTheFiltered, nameof(
            LogPageProbe.Pages_hold_every_event_that_the_filter_takes_and_no_other)),
        Catch<LogPageProbe>(Fault.LooksTooFar, nameof(
            LogPageProbe.Pages_hold_every_event_that_the_filter_takes_and_no_other)),
        Catch<LogPageProbe>(Fault.MovesThePositionToTheEnd, nameof(
            LogPageProbe.A_page_after_the_end_is_empty_and_goes_nowhere)),
        Catch<LogPageProbe>(Fault.EndsWhereThePageEnds, nameof(
            LogPageProbe.The_end_of_the_partition_is_known_to_each_page)),
        Catch<LogPageProbe>(Fault.TakesNoLimit, nameof(
            LogPageProbe.A_page_without_room_for_an_event_is_refused)),
        Catch<LogPageProbe>(Fault.FiltersNoStreams, nameof(
            LogPageProbe.Pages_of_streams_hold_their_events_and_no_others)),
        Catch<LogPageProbe>(Fault.TakesAnyNumberOfStreams, nameof(
            LogPageProbe.A_filter_of_more_streams_than_are_allowed_is_refused)),

        Catch<CheckpointProbe>(Fault.MovesFromAnywhere, nameof(
            CheckpointProbe.A_checkpoint_that_was_never_moved_is_none_and_stands_at_the_start)),
        Catch<CheckpointProbe>(Fault.MovesFromAnywhere, nameof(
            CheckpointProbe.It_is_moved_from_where_it_stands_and_only_from_there)),
        Catch<CheckpointProbe>(Fault.ForgetsTheEpoch, nameof(
            CheckpointProbe.A_later_epoch_takes_it_over_and_the_earlier_one_moves_it_no_more)),
        Catch<CheckpointProbe>(Fault.RefusesAMoveThatWasMade, nameof(
            CheckpointProbe.A_move_is_true_again_where_its_answer_was_lost)),
        Catch<CheckpointProbe>(Fault.TakesCheckpointsForOneAnother, nameof(
            CheckpointProbe.Names_that_look_alike_and_partitions_have_checkpoints_of_their_own)),
        Catch<CheckpointProbe>(Fault.HasOneCheckpointForAllPartitions, nameof(
            CheckpointProbe.Names_that_look_alike_and_partitions_have_checkpoints_of_their_own)),
        Catch<CheckpointProbe>(Fault.ReadsBeforeItMoves, nameof(
            CheckpointProbe.Of_several_moves_at_once_from_one_position_one_is_made)),
        Catch<CheckpointProbe>(Fault.KeepsCheckpointsInTheProcess, nameof(
            CheckpointProbe.It_is_there_when_the_store_is_opened_again)),
        Catch<CheckpointProbe>(Fault.ReadsThoseOfOnePartition, nameof(
            CheckpointProbe.All_of_them_are_read_together)),
        Catch<CheckpointProbe>(Fault.DeletesInOnePartition, nameof(
            CheckpointProbe.One_that_is_deleted_stands_at_the_start_in_every_partition_and_no_other_is_touched)),
        Catch<CheckpointProbe>(Fault.MovesThoughCancelled, nameof(
            CheckpointProbe.A_call_that_is_cancelled_moves_nothing)),

        Catch<LogTailProbe>(Fault.WaitsForTheNextCommit, nameof(
            LogTailProbe.A_wait_completes_where_the_partition_has_grown_before)),
        Catch<LogTailProbe>(Fault.HearsOnlyItself, nameof(
            LogTailProbe.A_wait_completes_where_another_process_has_made_it_grow_before)),
        Catch<LogTailProbe>(Fault.HearsOnlyItself, nameof(
            LogTailProbe.A_wait_completes_when_an_append_is_committed)),
        Catch<LogTailProbe>(Fault.HearsOnlyItself, nameof(
            LogTailProbe.Who_waits_and_reads_in_turns_reads_everything_that_another_process_commits)),
        Catch<LogTailProbe>(Fault.WaitsThoughCancelled, nameof(
            LogTailProbe.A_wait_that_is_cancelled_ends)),
        Catch<LogTailProbe>(Fault.WaitsForEveryPartition, nameof(
            LogTailProbe.A_wait_in_a_partition_that_does_not_exist_is_refused)),

        Catch<DescriptionProbe>(Fault.MakesAnIdAtEachStart, nameof(
            DescriptionProbe.The_description_is_the_same_at_every_start)),
        Catch<DescriptionProbe>(Fault.HasTheIdOfEveryStore, nameof(
            DescriptionProbe.Another_store_has_another_id)),
        Catch<DescriptionProbe>(Fault.TakesFewerEventsThanItSays, nameof(
            DescriptionProbe.What_is_as_large_as_the_limits_allow_is_taken)),
        Catch<DescriptionProbe>(Fault.TakesLessThanItSays, nameof(
            DescriptionProbe.What_is_as_large_as_the_limits_allow_is_taken)),

        Catch<RefusalProbe>(Fault.TakesStrays, nameof(
            RefusalProbe.A_stream_in_the_wrong_partition_is_refused_and_nothing_of_the_batch_lands)),
        Catch<RefusalProbe>(Fault.StopsAtStrays, nameof(
            RefusalProbe.A_stream_in_the_wrong_partition_is_refused_and_nothing_of_the_batch_lands)),
        Catch<RefusalProbe>(Fault.AcceptsEveryPartition, nameof(
            RefusalProbe.A_partition_that_does_not_exist_is_refused)),
        Catch<RefusalProbe>(Fault.WritesThoughCancelled, nameof(
            RefusalProbe.Cancelled_before_it_begins_nothing_is_written)),
        Catch<RefusalProbe>(Fault.ReadsThoughCancelled, nameof(
            RefusalProbe.A_read_that_is_cancelled_stops)),
        Catch<RefusalProbe>(Fault.ReadsThoughCancelled, nameof(
            RefusalProbe.Everything_that_is_cancelled_throws)),
        Catch<RefusalProbe>(Fault.CutsLargePayloads, nameof(
            RefusalProbe.The_largest_append_allowed_lands)),
        Catch<RefusalProbe>(Fault.WritesSnapshotsThoughCancelled, nameof(
            RefusalProbe.Everything_that_is_cancelled_throws)),
        Catch<RefusalProbe>(Fault.ScrubsThoughCancelled, nameof(
            RefusalProbe.Everything_that_is_cancelled_throws)),

        Catch<ReopeningProbe>(Fault.LosesTheTailAtOpening, nameof(
            ReopeningProbe.Everything_is_there_again_and_continues_from_there)),
        Catch<ReopeningProbe>(Fault.BeginsAnewAtEachStart, nameof(
            ReopeningProbe.Making_the_store_ready_again_changes_nothing_also_by_several_at_once)),
    ];

    private static (Fault, Type, string) Catch<TProbe>(Fault fault, string test) => (fault, typeof(TProbe), test);
}
