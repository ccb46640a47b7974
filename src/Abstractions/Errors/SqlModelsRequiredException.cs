namespace Granary;

/// <summary>An SQL projection is registered in a silo whose store has no SQL transaction to write in.</summary>
[GenerateSerializer, Alias("granary.SqlModelsRequiredException")]
public sealed class SqlModelsRequiredException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="projection">The projection's name.</param>
    /// <param name="store">The type of the silo's model store; null where it has none.</param>
    public SqlModelsRequiredException(string projection, Type? store)
        : base(
            $"The SQL projection '{projection}' writes in the transaction of an {nameof(ISqlModelStore)}, and the "
            + $"silo's store of models is {store?.FullName ?? "missing"}. Choose UseSqlite or UsePostgres, or make it "
            + "a Projection<TModel>, which every store keeps.") => Projection = projection;

    /// <summary>The projection's name.</summary>
    [Id(0)] public string Projection { get; }
}
