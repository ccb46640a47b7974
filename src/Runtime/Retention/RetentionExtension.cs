namespace Granary.Runtime;

/// <summary>Removes events of any grain on Granary, at its activation.</summary>
internal sealed class RetentionExtension(IGrainContextAccessor accessor, StreamTruncation truncation)
    : IRetentionExtension
{
    private readonly IGrainContext _context = accessor.GrainContext!;

    private IJournal Journal =>
        _context.GetComponent<IJournal>() ?? throw new NotOnGranaryException(_context.GrainId.ToString());

    public Task Delete(ExpectedVersion expected, CancellationToken cancellationToken) =>
        Journal.DeleteAsync(expected, cancellationToken);

    public Task<TruncateAnswer> Truncate(
        StreamVersion before, TruncateOptions? options, CancellationToken cancellationToken) =>
        truncation.RunAsync(Journal, before, options ?? new TruncateOptions(), cancellationToken);
}
