namespace Granary.Storage.AzureStorage;

/// <summary>A stream as a plan has it so far.</summary>
internal sealed class PlannedStream(StreamState state)
{
    /// <summary>What is stored.</summary>
    public StreamState State => state;

    public HeadRow Head { get; set; } = state.Head;

    /// <summary>What the plan appends to it.</summary>
    public List<EventsRow> Appended { get; } = [];

    /// <summary>The clearing that the plan ends with; null where it has none.</summary>
    public ClearingRow? Clearing { get; set; }

    public bool IsChanged => Appended.Count > 0 || Clearing is not null;

    /// <summary>Whether the plan holds what has to be stored before the append can be judged.</summary>
    public bool Precedes(Append append) =>
        Clearing is not null || Appended.Exists(one => one.Append.Id == append.Id.Value);
}
