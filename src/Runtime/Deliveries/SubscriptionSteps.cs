namespace Granary.Runtime;

/// <summary>
/// Creates and deletes a durable subscription, a step after the other. What fails in between is begun anew, or ended,
/// by the next call.
/// </summary>
internal sealed class SubscriptionSteps(string name, int partitionCount, WorkerServices services)
{
    /// <summary>Whether another reader has the name. The subscription is not active while this is asked.</summary>
    public required Func<CancellationToken, ValueTask<bool>> IsOfOther { get; init; }

    /// <summary>Whether something has the name, where there is no subscription that has it.</summary>
    public required Func<CancellationToken, ValueTask<bool>> IsInUse { get; init; }

    /// <summary>Ends the workers of the subscription, as far as they answer.</summary>
    public required Func<Task> EndWorkers { get; init; }

    private SubscriptionRows Rows => new(services.Models);

    /// <summary>Creates it.</summary>
    /// <returns>Whether it was created; false where it is there with these settings.</returns>
    /// <exception cref="SubscriptionExistsException">
    /// It is there with other settings, or another reader has the name.
    /// </exception>
    public async Task<bool> CreateAsync(SubscriptionSettings settings, CancellationToken cancellationToken)
    {
        var claim = await SubscriptionClaim.ReadAsync(services.Models, name, cancellationToken);
        var wanted = SubscriptionDocument.Of(settings, Uuid7.New(services.Time));
        if (claim.Document is { State: SubscriptionState.Active } found)
            return found.IsSame(wanted) ? false : throw new SubscriptionExistsException(
                name, "It exists with other settings: delete it before, or choose another name.");
        if (claim.Document is { State: SubscriptionState.Deleting }) await EndAsync(claim, cancellationToken);
        if (claim.Document is null) await CheckNewAsync(cancellationToken);
        else if (await IsOfOther(cancellationToken)) throw InUse();
        await claim.ReplaceAsync(wanted, cancellationToken);
        await BeginAsync(claim, wanted, cancellationToken);
        await claim.ReplaceAsync(wanted with { State = SubscriptionState.Active }, cancellationToken);
        return true;
    }

    /// <summary>Deletes it.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> DeleteAsync(CancellationToken cancellationToken)
    {
        var claim = await SubscriptionClaim.ReadAsync(services.Models, name, cancellationToken);
        if (claim.Document is null) return false;
        await EndAsync(claim, cancellationToken);
        return true;
    }

    /// <summary>
    /// Deletes what is left of a creation or a deletion that was cut off. None may be in progress in this process.
    /// </summary>
    /// <returns>Whether there was such.</returns>
    public async Task<bool> FinishAsync(CancellationToken cancellationToken)
    {
        var claim = await SubscriptionClaim.ReadAsync(services.Models, name, cancellationToken);
        if (claim.Document is null or { State: SubscriptionState.Active }) return false;
        await EndAsync(claim, cancellationToken);
        return true;
    }

    private async ValueTask EndAsync(SubscriptionClaim claim, CancellationToken cancellationToken)
    {
        if (claim.Document is { State: not SubscriptionState.Deleting } found)
            await claim.ReplaceAsync(found with { State = SubscriptionState.Deleting }, cancellationToken);
        var keepsReader = await IsOfOther(cancellationToken);
        if (!keepsReader) await EndWorkers();
        await Rows.DeleteAsync(name, partitionCount, keepsReader, claim, cancellationToken);
        await claim.ReplaceAsync(null, cancellationToken);
    }

    // Where each partition begins is stored before the subscription is in use: no event that comes after is missed,
    // though its worker starts later.
    private async ValueTask BeginAsync(
        SubscriptionClaim claim, SubscriptionDocument document, CancellationToken cancellationToken)
    {
        await Rows.DeleteAsync(name, partitionCount, keepsReader: false, claim, cancellationToken);
        var definition = SubscriptionWorkers.Define(name, document);
        for (var at = 0; at < partitionCount; at++)
            await SubscriptionRows.BeginAsync(definition, new LogPartition(at), services, claim, cancellationToken);
    }

    private async ValueTask CheckNewAsync(CancellationToken cancellationToken)
    {
        var all = await new SubscriptionTable(services.Models).ReadAsync(cancellationToken);
        LimitExceededException.ThrowIfOver(
            GranaryLimits.SubscriptionsMax, all.Count + 1, "number of durable subscriptions",
            "Delete those that are not used.");
        if (await IsInUse(cancellationToken)) throw InUse();
    }

    private SubscriptionExistsException InUse() =>
        new(name, "Another reader of the log has this name: choose another one.");
}
