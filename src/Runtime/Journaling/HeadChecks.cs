namespace Granary.Runtime;

/// <summary>
/// The requested checks of the store's head. Each has a number, 1 for the first. A refresh is a check that
/// reads the stream in any case.
/// </summary>
internal sealed class HeadChecks
{
    private long _sent;
    private bool _reads;

    /// <summary>The number of the last check.</summary>
    public long Last { get; private set; }

    /// <summary>All checks up to this number are done.</summary>
    public long Done { get; set; }

    /// <summary>Whether there are checks that are not done.</summary>
    public bool AreDue => Done < Last;

    /// <summary>Adds a check.</summary>
    /// <param name="reads">Whether it is a refresh.</param>
    /// <returns>Its number.</returns>
    public long Add(bool reads)
    {
        _reads |= reads;
        return ++Last;
    }

    /// <summary>An append is sent: where it lands, the head is what is confirmed, and the checks are done.</summary>
    public void Send() => _sent = Last;

    /// <summary>The append that was sent last has landed.</summary>
    public void CompleteSent()
    {
        if (_sent > Done) Done = _sent;
        _reads &= AreDue;
    }

    /// <summary>Whether the stream is to be read for the checks that are due; later ones set it again.</summary>
    public bool BeginRead()
    {
        var reads = _reads;
        _reads = false;
        return reads;
    }
}
