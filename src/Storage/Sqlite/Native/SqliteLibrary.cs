using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>The native library that the driver has loaded: functions of it that the driver does not offer.</summary>
internal static class SqliteLibrary
{
    private static readonly nint Library = Load();

    /// <summary>The address of a function of SQLite.</summary>
    /// <exception cref="EntryPointNotFoundException">The library has no such function.</exception>
    public static nint Find(string function) => NativeLibrary.GetExport(Library, function);

    private static nint Load()
    {
        Batteries_V2.Init();
        var name = raw.GetNativeLibraryName();
        return NativeLibrary.Load(name, DriverOf(name), searchPath: null);
    }

    // The library is searched for as the driver's own provider assembly searches for it.
    private static Assembly DriverOf(string library) => AppDomain.CurrentDomain.GetAssemblies()
        .FirstOrDefault(one => one.GetName().Name == $"SQLitePCLRaw.provider.{library}") ?? typeof(raw).Assembly;
}
