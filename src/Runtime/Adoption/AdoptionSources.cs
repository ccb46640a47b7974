using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Storage;

namespace Granary.Runtime;

/// <summary>Finds the grain storage that a grain's events are adopted from.</summary>
internal sealed class AdoptionSources(IOptions<AdoptionRules> rules, IServiceProvider provider)
{
    private readonly ConcurrentDictionary<(Type GrainClass, Type View), AdoptionSource?> _sources = new();

    /// <summary>The source of a grain; null where it has none.</summary>
    public AdoptionSource? Find(object grain, Type view)
    {
        // Granary's own grains were never anywhere else.
        if (rules.Value.All.Count == 0 || grain is IStreamNamed) return null;
        return _sources.GetOrAdd(
            (grain.GetType(), view), static (key, self) => self.Make(key.GrainClass, key.View), this);
    }

    // What names the grain comes before what is for all.
    private AdoptionSource? Make(Type grainClass, Type view)
    {
        var rule = rules.Value.All
            .Where(one => one.IsFor(grainClass, view))
            .OrderBy(one => one.Target == grainClass ? 0 : one.Target is not null ? 1 : 2)
            .FirstOrDefault();
        return rule is null ? null : new AdoptionSource(
            rule, provider.GetRequiredKeyedService<IGrainStorage>(rule.Storage),
            rule.FormerClassName ?? grainClass.FullName!);
    }
}

/// <summary>The grain storage that the grains of one class are adopted from.</summary>
/// <param name="rule">How their records are read.</param>
/// <param name="storage">The storage itself.</param>
/// <param name="className">The name of the class in the storage.</param>
internal sealed class AdoptionSource(AdoptionRule rule, IGrainStorage storage, string className)
{
    /// <summary>The storage's name.</summary>
    public string Storage => rule.Storage;

    /// <summary>Reads what a grain has in the storage.</summary>
    /// <exception cref="AdoptionFailedException">
    /// It cannot be read: it may be there, so the grain must not start without it.
    /// </exception>
    public async Task<OldLog<TEntry>> ReadAsync<TView, TEntry>(StreamName stream, GrainId grain)
        where TView : class, new()
        where TEntry : class
    {
        try
        {
            return await rule.ReadAsync<TView, TEntry>(storage, className, grain);
        }
        catch (Exception fault)
        {
            throw new AdoptionFailedException(
                stream, Storage,
                $"the record of {className} cannot be read ({fault.Message}). The next call of the grain tries again.",
                fault);
        }
    }
}
