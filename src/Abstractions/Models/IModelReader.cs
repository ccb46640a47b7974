namespace Granary;

/// <summary>Reads the models of a projection, from a silo or from a client of the cluster.</summary>
/// <typeparam name="TModel">The model, or another type that its JSON can be read as.</typeparam>
public interface IModelReader<TModel>
    where TModel : class
{
    /// <summary>The model of a key; null where there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="wait">What the models must have seen; null for nothing.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="ModelsBehindException">They have not seen it within the time.</exception>
    Task<TModel?> FindAsync(string key, ModelWait? wait = null, CancellationToken cancellationToken = default);

    /// <summary>A page of models.</summary>
    /// <param name="request">Which, in which order. Its projection is that of the reader.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="ModelQueryException">It names what there is not, or a value of another kind.</exception>
    /// <exception cref="ModelsBehindException">The models have not seen what they must within the time.</exception>
    /// <exception cref="ProjectionIsLiveException">The projection is live.</exception>
    Task<ModelList<TModel>> QueryAsync(ModelRequest? request = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Completes when the models have seen a position, as that of an append: what the append did is in them then.
    /// </summary>
    /// <exception cref="ModelsBehindException">They have not seen it within the time.</exception>
    Task WaitForAsync(ModelWait wait, CancellationToken cancellationToken = default);
}
