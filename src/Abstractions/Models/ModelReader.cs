using System.Text.Json;

namespace Granary;

/// <summary>The <see cref="IModelReader{TModel}"/> of a projection.</summary>
/// <param name="grains">Makes references to grains: that of a silo or of an Orleans client.</param>
/// <param name="projection">The projection's name.</param>
/// <param name="options">
/// How the documents are read; null for the JSON that projections write where nothing is configured.
/// </param>
public sealed class ModelReader<TModel>(
    IGrainFactory grains, string projection, JsonSerializerOptions? options = null) : IModelReader<TModel>
    where TModel : class
{
    private static readonly JsonSerializerOptions Default = new(JsonSerializerDefaults.Web) { IncludeFields = true };

    private readonly JsonSerializerOptions _options = options ?? Default;

    private IModelGrain Grain => grains.GetGrain<IModelGrain>(0);

    /// <inheritdoc />
    public async Task<TModel?> FindAsync(
        string key, ModelWait? wait = null, CancellationToken cancellationToken = default) =>
        await Grain.Find(projection, key, wait, cancellationToken) is { } found ? Read(found) : null;

    /// <inheritdoc />
    public async Task<ModelList<TModel>> QueryAsync(
        ModelRequest? request = null, CancellationToken cancellationToken = default)
    {
        var page = await Grain.Query(
            (request ?? new ModelRequest(projection)) with { Projection = projection }, cancellationToken);
        return new ModelList<TModel>(
            [.. page.Models.Select(one => KeyValuePair.Create(one.Key, Read(one)))], page.Next);
    }

    /// <inheritdoc />
    public Task WaitForAsync(ModelWait wait, CancellationToken cancellationToken = default) =>
        Grain.WaitFor(projection, wait, cancellationToken);

    private TModel Read(ReadModel model) => JsonSerializer.Deserialize<TModel>(model.Document.Span, _options)
        ?? throw new StoreCorruptException($"The document of '{model.Key}' of '{projection}' is null.");
}
