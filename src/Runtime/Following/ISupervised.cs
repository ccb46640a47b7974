namespace Granary.Runtime;

/// <summary>What is looked after every few seconds in every silo, before the readers are woken.</summary>
internal interface ISupervised
{
    /// <summary>Looks after it. Other silos do the same at the same time.</summary>
    Task SuperviseAsync(CancellationToken cancellationToken);
}
