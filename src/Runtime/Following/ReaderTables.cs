namespace Granary.Runtime;

/// <summary>Granary's own tables of what steers the readers of the log.</summary>
internal static class ReaderTables
{
    /// <summary>Whose row says that a reader is paused; the key is the reader's name.</summary>
    public static ModelTable Readers { get; } = new("granary_readers");

    /// <summary>The parked streams of all readers.</summary>
    public static ModelTable Parked { get; } = new(
        "granary_parked",
        new ModelColumn("reader", ModelColumnKind.Text),
        new ModelColumn("log_partition", ModelColumnKind.Integer));

    /// <summary>Which readers have begun in which partition; the key is <see cref="ReaderKeys.Of"/>.</summary>
    public static ModelTable Begun { get; } = new(
        "granary_begun", new ModelColumn("reader", ModelColumnKind.Text));

    public static ModelColumn BegunReader => Begun.Columns[0];

    public static ModelColumn ParkedReader => Parked.Columns[0];

    public static ModelColumn ParkedPartition => Parked.Columns[1];
}
