namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    // There is one only while there is trouble: most activations see none.
    private StoreRetry? _retry;

    private async ValueTask<TResult> RetriedAsync<TResult>(Func<CancellationToken, ValueTask<TResult>> call)
    {
        try
        {
            var result = await call(CancellationToken.None);
            Succeeded();
            return result;
        }
        catch (StoreUnavailableException fault)
        {
            return await RecoverAsync(fault, call);
        }
    }

    private async ValueTask<TResult> RecoverAsync<TResult>(
        StoreUnavailableException fault, Func<CancellationToken, ValueTask<TResult>> call)
    {
        _retry ??= new StoreRetry(_services.Options, _services.Time, _services.Metrics, _host, Protocol);
        var result = await _retry.RecoverAsync(fault, call, CancellationToken.None);
        Succeeded();
        return result;
    }

    private void Succeeded()
    {
        if (_retry is not { } retry) return;
        _retry = null;
        retry.Succeeded();
    }
}
