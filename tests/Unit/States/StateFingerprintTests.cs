using System.Reflection;
using System.Reflection.Emit;
using Granary.Runtime;

namespace Granary.Tests.Unit.States;

public sealed class StateFingerprintTests
{
    private static readonly string First = Of(("a", typeof(int), 0), ("b", typeof(int), 1));

    [Fact]
    public void The_same_shape_has_the_same_fingerprint() =>
        Assert.Equal(First, Of(("a", typeof(int), 0), ("b", typeof(int), 1)));

    [Fact]
    public void Every_difference_of_the_fields_shows()
    {
        Assert.NotEqual(First, Of(("a", typeof(int), 0), ("c", typeof(int), 1)));
        Assert.NotEqual(First, Of(("a", typeof(int), 0), ("b", typeof(long), 1)));
        Assert.NotEqual(First, Of(("a", typeof(int), 0)));
        Assert.NotEqual(First, Of(("a", typeof(int), 1), ("b", typeof(int), 0)));
        Assert.NotEqual(First, Of(("b", typeof(int), 1), ("a", typeof(int), 0)));
    }

    [Fact]
    public void A_difference_inside_what_the_state_holds_shows()
    {
        var one = Define("Inner", null, ("a", typeof(int), 0));
        var other = Define("Inner", null, ("a", typeof(string), 0));
        var list = typeof(List<>);

        Assert.NotEqual(
            Of(("items", list.MakeGenericType(one.MakeArrayType()), 0)),
            Of(("items", list.MakeGenericType(other.MakeArrayType()), 0)));
    }

    [Fact]
    public void A_raised_schema_version_shows()
    {
        Assert.NotEqual(StateFingerprint.Of(Define("State", 1)), StateFingerprint.Of(Define("State", 2)));
        Assert.Equal(StateFingerprint.Of(Define("State", null)), StateFingerprint.Of(Define("State", 0)));
    }

    [Fact]
    public void A_raised_version_of_a_base_class_or_of_a_part_shows()
    {
        Assert.NotEqual(
            StateFingerprint.Of(Define("State", null, Define("Base", 1))),
            StateFingerprint.Of(Define("State", null, Define("Base", 2))));
        Assert.NotEqual(Of(("part", Define("Part", 1), 0)), Of(("part", Define("Part", 2), 0)));
        Assert.NotEqual(Of(("part", Define("Part", null), 0)), Of(("part", Define("Part", 1), 0)));
    }

    [Fact]
    public void An_application_whose_namespace_begins_like_the_frameworks_is_looked_into() => Assert.NotEqual(
        StateFingerprint.Of(Define("Systematic.State", null, ("a", typeof(int), 0))),
        StateFingerprint.Of(Define("Systematic.State", null, ("a", typeof(long), 0))));

    [Fact]
    public void A_type_that_holds_itself_ends() => Assert.Equal(16, StateFingerprint.Of(typeof(Endless<int>)).Length);

    private static string Of(params (string Name, Type Type, uint Id)[] fields) =>
        StateFingerprint.Of(Define("State", null, fields));

    // Types of one name, as two builds of an application have them.
    private static Type Define(string name, int? schema, params (string Name, Type Type, uint Id)[] fields) =>
        Define(name, schema, typeof(object), fields);

    private static Type Define(
        string name, int? schema, Type baseType, params (string Name, Type Type, uint Id)[] fields)
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new("Build"), AssemblyBuilderAccess.RunAndCollect);
        var type = assembly.DefineDynamicModule("Build").DefineType(name, TypeAttributes.Public, baseType);
        foreach (var (field, of, id) in fields)
        {
            type.DefineField(field, of, FieldAttributes.Private).SetCustomAttribute(
                new(typeof(IdAttribute).GetConstructor([typeof(uint)])!, [id]));
        }

        if (schema is { } version)
            type.SetCustomAttribute(new(typeof(FoldVersionAttribute).GetConstructor([typeof(int)])!, [version]));
        return type.CreateType();
    }

    private sealed class Endless<T>
    {
        public Endless<T>? Self { get; set; }

        public Endless<List<T>>? Deeper { get; set; }
    }
}
