namespace Granary.Benchmarks;

/// <summary>The state of all contestants' grains.</summary>
[GenerateSerializer, Alias("bench.TallyState")]
public sealed class TallyState
{
    /// <summary>How many events were folded.</summary>
    [Id(0)] public long Events { get; set; }

    /// <summary>The sum of their amounts.</summary>
    [Id(1)] public long Total { get; set; }

    /// <summary>The length of the last note: the event is looked at, whole.</summary>
    [Id(2)] public int LastLength { get; set; }

    /// <summary>Folds an event.</summary>
    public void Apply(Noted noted)
    {
        Events++;
        Total += noted.Amount;
        LastLength = noted.Note.Length;
    }
}
