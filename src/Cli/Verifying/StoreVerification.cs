namespace Granary.Cli;

/// <summary>
/// Checks a store against itself: the log as a whole, and each stream as it is read. It may be written meanwhile; what
/// is appended after the beginning is not checked.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="report">Receives each finding once, as it is found.</param>
/// <param name="streamsMax">How many streams are compared in one pass through the log.</param>
internal sealed class StoreVerification(
    OpenedStore store, Action<Finding> report, int streamsMax = StoreVerification.StreamsMax)
{
    /// <summary>How many streams are compared in one pass: about 500 MiB.</summary>
    public const int StreamsMax = 4_000_000;

    /// <summary>After so many findings it ends.</summary>
    public const int FindingsMax = 1_000;

    private readonly HashSet<Finding> _found = [];

    /// <summary>How many events the log has.</summary>
    public long Events { get; private set; }

    /// <summary>How many events were read so far, in all passes.</summary>
    public long Read { get; private set; }

    /// <summary>How many passes through the log were made.</summary>
    public int Passes { get; private set; }

    /// <summary>What was found out about the streams; null before the first pass.</summary>
    public CatalogPass? Streams { get; private set; }

    /// <summary>How many findings there are.</summary>
    public int Findings => _found.Count;

    /// <summary>Whether it has ended early, as there are too many findings.</summary>
    public bool IsCutShort => _found.Count >= FindingsMax;

    /// <summary>Checks the store.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var ends = new long[store.Description.PartitionCount];
        await CheckFileAsync(cancellationToken);
        for (var at = 0; at < ends.Length; at++) Events += ends[at] = await store.EndOfAsync(at, cancellationToken);
        var unreadable = new long[ends.Length];
        Streams = new CatalogPass(store, ends, unreadable, Add);
        try
        {
            ulong last;
            var begin = 0UL;
            do
            {
                var table = new StreamTable(begin, streamsMax);
                for (var at = 0; at < ends.Length; at++)
                {
                    var pass = new LogPass(store, new(new(at), new(ends[at])), Add);
                    await pass.RunAsync(table, Passes == 0, count => Read += count, cancellationToken);
                    unreadable[at] = pass.Unreadable;
                }

                Passes++;
                await Streams.RunAsync(table, cancellationToken);
                last = table.Last;
                begin = last + 1;
            }
            while (last < ulong.MaxValue);
        }
        catch (TooManyFindingsException)
        {
            // What was found so far is reported; the rest would be more of the same.
        }
    }

    // What the store itself does not use for what follows may be damaged, too.
    private async Task CheckFileAsync(CancellationToken cancellationToken)
    {
        if (store.CheckFile is not { } check) return;
        try
        {
            foreach (var found in await check(cancellationToken)) Add(new(FindingKinds.Damaged, found));
        }
        catch (StoreCorruptException fault)
        {
            Add(new(FindingKinds.Damaged, fault.Message));
        }
    }

    private void Add(Finding finding)
    {
        if (!_found.Add(finding)) return;
        report(finding);
        if (IsCutShort) throw new TooManyFindingsException();
    }

    private sealed class TooManyFindingsException : Exception;
}
