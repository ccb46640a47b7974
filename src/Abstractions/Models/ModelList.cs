namespace Granary;

/// <summary>A page of models.</summary>
/// <param name="Models">The models by their keys, in the order that was asked for.</param>
/// <param name="Next">What to hand back as <see cref="ModelRequest.After"/>; null where there are no more.</param>
public sealed record ModelList<TModel>(IReadOnlyList<KeyValuePair<string, TModel>> Models, string? Next)
    where TModel : class;
