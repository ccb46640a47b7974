namespace Granary.Gateway;

/// <summary>A model.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Model">The document.</param>
/// <param name="Position">The position of the event that changed it last, as in 0:152.</param>
internal sealed record ModelResponse(string Key, RawJson Model, string Position)
{
    public static ModelResponse Of(ReadModel model) =>
        new(
        model.Key,
        RawJson.TryParse(model.Document)
            ?? throw new StoreCorruptException($"The document of the model '{model.Key}' is not JSON."),
        model.Position.ToString());
}

/// <summary>A page of models.</summary>
/// <param name="Models">The models, in the order that was asked for.</param>
/// <param name="Next">What is sent as after for the next page; null where there are no more.</param>
internal sealed record ModelPageResponse(IReadOnlyList<ModelResponse> Models, string? Next);
